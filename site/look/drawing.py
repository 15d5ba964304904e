"""Logos and icons: their size, and that an SVG only draws. It would run what it holds where a reader opens it alone."""

from __future__ import annotations

import re
import struct
from typing import Any
from xml.parsers import expat

from ...core.errors import ConfigError

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_SHAPES = """svg g defs symbol use title desc metadata style switch path rect circle ellipse line polyline polygon text
tspan textPath linearGradient radialGradient stop pattern clipPath mask marker filter feBlend feColorMatrix
feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow
feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
feSpecularLighting feSpotLight feTile feTurbulence"""
_DRAWS = frozenset(_SHAPES.split())
_EDITORS = (  # what drawing programs write beside the drawing
    "http://www.inkscape.org/",
    "http://sodipodi.sourceforge.net/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://creativecommons.org/",
    "http://purl.org/dc/",
    "http://ns.adobe.com/",
    "http://www.bohemiancoding.com/sketch",
    "http://www.serif.com/",
)
_LOADS = re.compile(r"@import|(?:url|src)\(\s*[\"']?(?!\s*[\"']?#)", re.I)
_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:px)?\s*")
_PNG = b"\x89PNG\r\n\x1a\n"
WIDEST = 4_000  # pixels


def svg(raw: bytes, where: str) -> tuple[int, int]:
    """Width and height. Raises ConfigError with the line of what is no drawing."""
    reader = expat.ParserCreate("utf-8", "\n")
    root: dict[str, str] = {}
    in_style = [False]

    def refuse(what: str) -> None:
        raise ConfigError(
            f"the drawing holds {what}",
            "Save it as plain SVG with nothing but shapes and text.",
            where=f"{where}:{reader.CurrentLineNumber}",
        )

    def begins(name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition("\n")
        if not root:
            if (space, local) != (SVG, "svg"):
                refuse(f"<{local}> where <svg xmlns={SVG!r}> belongs")
            root.update({"": "", **attributes})
        if space == SVG and local not in _DRAWS:
            refuse(f"<{local}>")
        if space != SVG and not space.startswith(_EDITORS):
            refuse(f"<{local}>, which is no SVG")
        in_style[0] = local == "style"
        for attribute, value in attributes.items():
            of, _, plain = attribute.rpartition("\n")
            if plain.lower().startswith("on"):
                refuse(f"the attribute {plain}")
            if plain == "href" and not value.strip().startswith("#") and (not of or of == XLINK):
                refuse("a link to elsewhere")
            if _LOADS.search(value):
                refuse("an address that would be loaded")

    def says(text: str) -> None:
        if in_style[0] and _LOADS.search(text):
            refuse("a style that loads from elsewhere")

    def ends(_name: str) -> None:
        in_style[0] = False

    reader.StartElementHandler, reader.EndElementHandler, reader.CharacterDataHandler = begins, ends, says
    reader.buffer_text = True
    reader.StartDoctypeDeclHandler = lambda *_: refuse("a document type")
    reader.ProcessingInstructionHandler = lambda target, _: refuse(f"the instruction <?{target}?>")
    try:
        reader.Parse(raw, True)
    except expat.ExpatError as error:
        raise ConfigError(
            f"the drawing cannot be read: {expat.errors.messages[error.code]}",
            "Open it in a browser: it shows what is wrong.",
            where=f"{where}:{error.lineno}",
        ) from None
    return _size(root, where)


def _size(root: dict[str, str], where: str) -> tuple[int, int]:
    lengths: list[Any] = [_LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    if not all(lengths):
        box = root.get("viewBox", "").replace(",", " ").split()
        lengths = [_LENGTH.fullmatch(part) for part in box[2:4]] if len(box) == 4 else []
    size = [round(float(length[1])) for length in lengths if length]
    if len(size) != 2 or not all(0 < side <= WIDEST for side in size):
        raise ConfigError(
            "the drawing does not say how large it is", "Give <svg> a viewBox, like viewBox='0 0 200 60'.", where=where
        )
    return size[0], size[1]


def png(raw: bytes, where: str) -> tuple[int, int]:
    """Width and height. Raises ConfigError for what is no PNG."""
    if not raw.startswith(_PNG) or raw[12:16] != b"IHDR" or len(raw) < 33 or b"IEND" not in raw[-16:]:
        raise ConfigError("it is no PNG picture, or a part of it is missing", "Save it anew as PNG.", where=where)
    width, height = struct.unpack(">II", raw[16:24])
    if not (0 < width <= WIDEST and 0 < height <= WIDEST):
        raise ConfigError(f"it is {width} × {height} pixels", f"Make it smaller: at most {WIDEST}.", where=where)
    return width, height
