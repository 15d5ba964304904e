"""Makes the copies of one picture, in a process of its own: `python -m tagora.site.pictures.child`.

The picture comes through standard input and may be anything; what comes back through standard output is one line of
JSON, and after it the copies' bytes. This process has no keys, writes no file, and has little memory and time: a
picture that is made to break its reader breaks this process alone.
"""

from __future__ import annotations

import io
import json
import resource
import sys

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from ...core.pictures import GREATEST, MODERN, fallback, sizes

# loaded before the walls go up, and no other: nothing else is read
PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")  # told by the content, whatever the name
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each thread would want memory of its own
MAX_PIXELS = 36_000_000
MAX_SIDE = 30_000
MEMORY = 1_200_000_000
CPU_SECONDS = 30
QUALITY = {"webp": {"quality": 80, "method": 4}, "jpg": {"quality": 82, "optimize": True, "progressive": True},
           "png": {"optimize": True}}  # fmt: skip
NAMES = {"webp": "WEBP", "jpg": "JPEG", "png": "PNG"}


class Refused(Exception):
    """This is no picture that may be shown; the words say why."""


def confine() -> None:
    """From here on the process may not take more than its share, nor write a file."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def copies(content: bytes) -> tuple[list[tuple[str, int, int]], list[bytes]]:
    """(kind, width, height) of each copy, and their bytes. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                raise Refused(f"has {width * height // 1_000_000} million pixels, which is too many")
            if opened.format == "JPEG":
                opened.draft("RGB", (GREATEST, GREATEST))  # decoded at a fraction where it is much greater
            opened.load()  # of an animation the first frame
            picture = ImageOps.exif_transpose(_plain(opened))
    except Refused:
        raise
    except UnidentifiedImageError:
        raise Refused("is no JPEG, PNG, GIF, WebP or AVIF") from None
    except Image.DecompressionBombError:
        raise Refused("has too many pixels") from None
    except MemoryError:
        raise Refused("takes too much memory") from None
    except Exception:  # whatever a decoder makes of bytes that are made to break it
        raise Refused("is a broken file") from None
    picture.info.clear()
    made = sizes(*picture.size)
    scaled = {size: picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0) for size in made}
    old = fallback(made)
    kind = "png" if picture.mode == "RGBA" else "jpg"
    todo = [(MODERN, size) for size in made] + [(kind, old)]
    return [(kind, *size) for kind, size in todo], [_encoded(scaled[size], kind) for kind, size in todo]


def _plain(picture: Image.Image) -> Image.Image:
    """In sRGB, with transparency where something is transparent; of all else only the side that is up."""

    exif = picture.info.get("exif")
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):  # 16 bits of grey and more
        picture = picture.point(lambda value: value / 257).convert("L") if picture.mode != "F" else picture.convert("L")
    clear = picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info
    alpha = picture.convert("RGBA").getchannel("A") if clear else None
    if profile:
        picture = _in_srgb(picture, profile)
    plain = picture.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        plain.putalpha(alpha)
    plain.info.clear()
    if exif:
        plain.info["exif"] = exif
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    if picture.mode not in ("RGB", "CMYK", "L"):
        picture = picture.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # of another kind of colours than the picture: taken as it is
    return found or picture


def _encoded(picture: Image.Image, kind: str) -> bytes:
    written = io.BytesIO()
    picture.save(written, NAMES[kind], **QUALITY[kind])
    return written.getvalue()


def main() -> None:
    content = sys.stdin.buffer.read()
    confine()
    try:
        told, made = copies(content)
    except Refused as refused:
        told, made = str(refused), []
    except MemoryError:
        told, made = "takes too much memory", []
    line = {"refused": told} if isinstance(told, str) else {"copies": told, "bytes": [len(one) for one in made]}
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n" + b"".join(made))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
