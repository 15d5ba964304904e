"""An own style sheet: whether a browser can read it to its end, and whether it asks for anything from elsewhere."""

from __future__ import annotations

import re

from ...core.errors import ConfigError

_QUOTED = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
_TOKEN = re.compile(
    rf"""/\*.*?\*/|{_QUOTED}|\b(?:url|src)\(\s*(?P<address>{_QUOTED}|[^"')]*)\s*\)|\\.|</|/\*|["'{{}}()\[\]]|@[-\w]+""",
    re.S | re.I,
)
_CLOSES = {"}": "{", ")": "(", "]": "["}
_ELSEWHERE = re.compile(r"""["']\s*(?:https?:)?//""", re.I)
NOTHING_LOADED = "Pages load nothing from elsewhere: write the picture as data:, and name fonts that readers have."


def check(text: str, where: str) -> None:
    """Raises ConfigError with the line on which what is wrong begins."""
    opened: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(text):
        token, at = match[0], match.start()
        fault = hint = None
        if token in ("/*", '"', "'"):
            what = "comment" if token == "/*" else "text in quotes"
            fault, hint = f"a {what} begins here and does not end", "Close it."
        elif token == "</":
            fault, hint = "`</` may not stand in a style sheet", "Take it out."
        elif token in "{([":
            opened.append((token, at))
        elif token in _CLOSES:
            if not opened or opened[-1][0] != _CLOSES[token]:
                fault, hint = f"this `{token}` closes nothing", "Look at the brackets above it."
            else:
                opened.pop()
        elif token.lower() in ("@import", "@font-face", "@namespace"):
            fault, hint = f"`{token}` loads from elsewhere", NOTHING_LOADED
        elif match["address"] is not None:
            if not match["address"].lstrip("\"'").lower().startswith(("data:", "#")):
                fault, hint = f"`{token[:60]}` loads a file", NOTHING_LOADED
        elif _ELSEWHERE.match(token):
            fault, hint = f"{token[:40]} is an address elsewhere", NOTHING_LOADED
        if fault:
            raise ConfigError(fault, hint or "", where=f"{where}:{_line(text, at)}")
    if opened:
        token, at = opened[-1]
        raise ConfigError(f"`{token}` is opened here and not closed", "Close it.", where=f"{where}:{_line(text, at)}")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
