"""A discussion under an article on another site: the line of HTML that asks for it, and the styles it comes with.

The other half is static/embed.js; what both promise is said in docs/embedding.md."""

from __future__ import annotations

import re
from html import escape

SCRIPT = "embed.js"  # at the site's top, for ever: it stands in other people's pages
_ROOT_LENGTH = re.compile(r"@media[^{]*|(?<![\w.-])(-?(?:\d+\.?\d*|\.\d+))rem\b")
_NARROW = re.compile(r"@media \((max|min)-width: ([\d.]+)rem\)")
_PIXELS = 16  # of a rem in a media query: https://www.w3.org/TR/mediaqueries-5/#units


def line(base_url: str, path: str, words: str) -> str:
    """What an editor copies into an article. `path`: the page's address below the site's; `words`: the link shown
    until, and unless, the discussion comes."""
    url, script = escape(base_url + path), escape(base_url + SCRIPT)
    link = f'<a href="{url}">{escape(words, quote=False)}</a>'
    element = f'<tagora-discussion src="{url}">{link}</tagora-discussion>'
    return f'{element}<script type="module" src="{script}"></script>'


def beside_an_article(css: str) -> str:
    """The site's styles as they must be inside another page: measured by the text around and by the width at hand,
    not by that page's root and window."""
    narrow = _NARROW.sub(lambda found: f"@container ({found[1]}-width: {float(found[2]) * _PIXELS:g}px)", css)
    return _ROOT_LENGTH.sub(
        lambda found: f"calc({found[1]} * var(--rem))" if found[1] is not None else found[0], narrow
    )
