"""Whether words can be read in the colours of an own style sheet: those named in look.css, in light and in the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...presentation.look import look as shared_style

LEAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
WORDS, BEHIND = ("ink", "soft", "accent"), ("paper", "tint")
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_MEDIA = re.compile(r"@media([^{]*)\{")
_COLOUR = re.compile(r"--(\w+)\s*:\s*#([0-9a-f]{6}|[0-9a-f]{3})\b", re.I)


def too_faint(style: bytes) -> Iterator[str]:
    """A sentence for each pair of colours that is hard to read, where the style sheet changes one of the two."""
    own = _palettes(style.decode())
    light, dark = _palettes(shared_style().decode())
    for when, palette, changed in (
        ("", light | own[0], own[0]),
        (" in the dark", light | dark | own[0] | own[1], own[0] | own[1]),
    ):
        for words in WORDS:
            for behind in BEHIND:
                found = contrast(palette[words], palette[behind])
                if {words, behind} & set(changed) and found < LEAST:
                    yield f"--{words} on --{behind}{when} has a contrast of {found:.1f}; words need {LEAST}"


def contrast(one: str, other: str) -> float:
    """Of two colours, "1d1c1a": from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _palettes(css: str) -> tuple[dict[str, str], dict[str, str]]:
    """The colours that are named: everywhere, and in the dark only. Other conditions (print, more contrast) are left
    out."""
    css = _COMMENT.sub("", css)
    everywhere, dark, at = "", "", 0
    for match in _MEDIA.finditer(css):
        if match.start() < at:
            continue
        everywhere += css[at : match.start()]
        at = _end(css, match.end())
        if re.fullmatch(r"\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*", match[1]):
            dark += css[match.end() : at]
    everywhere += css[at:]
    return _named(everywhere), _named(dark)


def _end(css: str, at: int) -> int:
    depth = 1
    for found in re.finditer(r"[{}]", css[at:]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return at + found.end()
    return len(css)


def _named(css: str) -> dict[str, str]:
    found = {}
    for name, colour in _COLOUR.findall(css):
        found[name] = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    return found
