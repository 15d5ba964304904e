"""Small real pictures without a picture library."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, colour: str) -> bytes:
    """A PNG of one colour (`#rrggbb`)."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    row = b"\x00" + b"\x00" * width  # filter none, then palette entry 0 for every pixel
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", bytes((red, green, blue)))
        + _chunk(b"IDAT", zlib.compress(row * height, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
