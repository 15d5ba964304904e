"""From whatever a stranger calls a picture to clean copies, or to a sentence that says why not."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from tagora.core.errors import BadItem
from tagora.site.pictures import child, making
from tagora.site.pictures.making import make

from ..pictures import encoded, photo

ORIENTATION, GPS, MAKER, ARTIST = 0x0112, 0x8825, 0x010F, 0x013B


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def copied(content: bytes) -> list[Image.Image]:
    """In this process: what the other one does with it."""
    _, made = child.copies(content)
    return [opened(one) for one in made]


# --- what comes out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_a_picture_becomes_webp_in_several_widths_and_a_jpeg_for_old_browsers(form: str) -> None:
    made = {(one.kind, one.width, one.height): content for one, content in make(photo(2400, 1600, form)).items()}
    assert sorted(made) == [("jpg", 960, 640), ("webp", 480, 320), ("webp", 960, 640), ("webp", 1600, 1067)]
    for (kind, *size), content in made.items():
        picture = opened(content)
        assert picture.format == {"jpg": "JPEG", "webp": "WEBP"}[kind] and list(picture.size) == size
        assert picture.convert("RGB").getpixel((5, 5)) == pytest.approx((138, 109, 59), abs=4)


def test_what_is_see_through_stays_so() -> None:
    half = Image.new("RGBA", (600, 400), (255, 0, 0, 0))
    half.paste((0, 0, 255, 255), (0, 0, 300, 400))
    shades = half.convert("LA")
    for content in (
        encoded(half, "PNG"),
        encoded(half, "WEBP", lossless=True),
        encoded(shades, "PNG"),
        encoded(half, "GIF"),
        encoded(half.quantize(16), "PNG"),
    ):
        webp, *_, old = copied(content)
        assert old.format == "PNG"
        for picture in (webp, old):
            assert picture.convert("RGBA").getpixel((10, 10))[3] == 255  # type: ignore[index]
            assert picture.convert("RGBA").getpixel((picture.width - 10, 10))[3] == 0  # type: ignore[index]


def test_a_channel_of_transparency_that_hides_nothing_makes_no_png() -> None:
    assert copied(encoded(Image.new("RGBA", (600, 400), (1, 2, 3, 255)), "PNG"))[-1].format == "JPEG"


def test_the_side_that_is_up_is_up() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by a quarter
    picture = Image.new("RGB", (900, 600), "white")
    picture.paste((255, 0, 0), (0, 0, 900, 100))  # red at the top of the file: at the right once turned
    for made in copied(encoded(picture, "JPEG", exif=exif, quality=95)):
        assert made.height > made.width
        right = made.convert("RGB").getpixel((made.width - 5, made.height // 2))
        assert right == pytest.approx((254, 0, 0), abs=30)


def test_colours_of_another_profile_are_converted() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    swapped = encoded(Image.new("RGB", (500, 500), (200, 30, 30)), "PNG", icc_profile=lab)
    assert copied(swapped), "a profile of other colours than the picture's is passed over"
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (first, *_) = copied(encoded(Image.new("RGB", (500, 500), (200, 30, 30)), "PNG", icc_profile=own))
    assert first.convert("RGB").getpixel((50, 50)) == pytest.approx((200, 30, 30), abs=6)


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "CMYK"])
def test_every_kind_of_colours_is_read(mode: str) -> None:
    grey = {"1": 1, "L": 128, "P": 1, "I;16": 0x8080, "CMYK": (0, 0, 0, 127)}[mode]
    content = encoded(Image.new(mode, (300, 200), grey), "JPEG" if mode == "CMYK" else "PNG")
    for made in copied(content):
        red, green, blue = made.convert("RGB").getpixel((50, 50))  # type: ignore[misc]
        assert max(red, green, blue) - min(red, green, blue) <= 4
        assert mode in ("1", "P") or red == pytest.approx(128, abs=8)


def test_of_an_animation_the_first_picture_is_taken() -> None:
    frames = [Image.new("RGB", (200, 100), colour) for colour in ("red", "green", "blue")]
    for form in ("GIF", "WEBP"):
        made = copied(encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=50))
        for picture in made:
            assert not getattr(picture, "is_animated", False)
            assert picture.convert("RGB").getpixel((50, 50)) == pytest.approx((254, 0, 0), abs=8)


# --- nothing of the file but its pixels ------------------------------------------------------------------------------

SECRET = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=12, max_size=30)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SECRET, st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "AVIF"]), st.integers(1, 8), st.booleans())
def test_no_word_of_the_file_survives(secret: str, form: str, turned: int, clear: bool) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER], exif[ARTIST] = turned, secret, secret
    exif.get_ifd(GPS)[1] = secret
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{secret}</x:xmpmeta>".encode()
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + secret.encode()
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Comment", secret, zip=False)
    info.add_text(secret, secret)
    options: dict[str, object] = {
        "JPEG": {"exif": exif, "xmp": xmp, "comment": secret.encode(), "icc_profile": icc},
        "PNG": {"exif": exif, "pnginfo": info, "icc_profile": icc},
        "WEBP": {"exif": exif, "xmp": xmp, "icc_profile": icc},
        "AVIF": {"exif": exif, "xmp": xmp, "icc_profile": icc, "speed": 10},
        "GIF": {"comment": secret.encode()},
    }[form]
    mode = "RGBA" if clear and form in ("PNG", "WEBP", "AVIF") else "RGB"
    content = encoded(Image.new(mode, (64, 48), (9, 99, 199)), form, **options)  # type: ignore[arg-type]
    assert secret.encode() in content or form == "PNG"
    _, made = child.copies(content)
    for copy in made:
        assert secret.encode() not in copy
        picture = opened(copy)
        assert not picture.getexif() and not {"exif", "xmp", "icc_profile", "comment", "XML:com.adobe.xmp"} & set(
            picture.info
        )
        for mark in (b"Exif", b"EXIF", b"XMP ", b"ICCP", b"http://ns.adobe", b"tEXt", b"iTXt", b"eXIf"):
            assert mark not in copy


# --- what is no picture, or a weapon ---------------------------------------------------------------------------------


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, packed: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "is no JPEG, PNG, GIF, WebP or AVIF"),
        (b"<html>not found</html>", "is no JPEG, PNG, GIF, WebP or AVIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "is no JPEG"),
        (b"%PDF-1.7 and more", "is no JPEG"),
        (encoded(Image.new("RGB", (50, 50)), "BMP"), "is no JPEG"),
        (encoded(Image.new("RGB", (50, 50)), "TIFF"), "is no JPEG"),
        (photo()[:600], "is a broken file"),
        (png_of(60_000, 60_000, zlib.compress(b"\0" * 1000)), "too many"),
        (png_of(100_000, 1, zlib.compress(b"\0" * 1000)), "too many"),
        (png_of(5000, 5000, zlib.compress(b"\0" * 1000)), "is a broken file"),
        (encoded(Image.new("1", (9000, 9000)), "PNG"), "too many"),
    ],
    ids=["nothing", "page", "svg", "pdf", "bmp", "tiff", "cut", "giant", "line", "hollow", "bomb"],
)
def test_what_may_not_be_shown_is_refused_in_words(content: bytes, why: str) -> None:
    with pytest.raises(child.Refused, match=why):
        child.copies(content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "AVIF"]))
def test_a_picture_with_a_fault_anywhere_is_read_or_refused(data: st.DataObject, form: str) -> None:
    content = bytearray(photo(40, 30, form))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        told, made = child.copies(bytes(content))
    except child.Refused:
        return
    assert len(told) == len(made) >= 2


def test_a_reader_that_breaks_takes_nobody_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the process that reads does: dies, hangs, talks without end, or says what is not so."""
    ways = {
        "dies": "import os; os.abort()",
        "hangs": "import time; time.sleep(60)",
        "talks": "import sys\nwhile True: sys.stdout.write('x' * 100000)",
        "lies": 'print(\'{"copies": [["exe", 1, 1]], "bytes": [4]}\\nabcd\')',
        "cuts": 'print(\'{"copies": [["webp", 1, 1]], "bytes": [4000]}\\nabcd\')',
        "babbles": "print('[]')",
    }
    monkeypatch.setattr(making, "SECONDS", 0.5)
    monkeypatch.setattr(making, "MOST_BYTES", 1_000_000)
    for program in ways.values():
        monkeypatch.setattr(making, "COMMAND", (making.COMMAND[0], "-c", program))
        with pytest.raises(BadItem, match="breaks the program that reads it"):
            make(b"anything")


def test_the_process_that_reads_has_no_keys_little_memory_and_writes_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "secret")
    probe = """
import os, sys
from tagora.site.pictures import child
child.confine()
assert "X_BEARER_TOKEN" not in os.environ
for forbidden in (lambda: bytearray(child.MEMORY), lambda: open(sys.argv[1], "w").write("x" * 10_000)):
    try:
        forbidden()
    except (MemoryError, OSError):
        continue
    sys.exit(3)
print('{"refused": "all walls stand"}')
"""
    monkeypatch.setattr(making, "COMMAND", (making.COMMAND[0], "-c", probe, str(tmp_path / "file")))
    with pytest.raises(BadItem, match="all walls stand"):
        make(b"")
