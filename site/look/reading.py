"""The own look, read from its files' bytes. Whatever could harm a page, or make all of them fail, is refused
with file and line; what depends on what a page shows is found by trial.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from ...core.errors import ConfigError
from . import drawing, style, template, words
from .own import Logo, Look

LANGUAGES = ("it", "en")
KB = 1_000
LARGEST = {"css": 100 * KB, "svg": 200 * KB, "png": 500 * KB, "md": 20 * KB, "html": 200 * KB, "po": 200 * KB}
_UNSAID = re.compile(r"(?:^|/)(?:\.[^/]*|[^/]*~|README(?:\.\w+)?)$", re.I)  # dotfiles, copies of editors
_FOOTER = re.compile(r"footer(?:\.(?P<language>\w+))?\.(?P<form>md|html)")
_WORDS = re.compile(r"words/(?P<language>\w+)\.po")
_TEMPLATE = re.compile(r"templates/(?P<name>[\w.-]+)")
_KNOWN = "look.css, logo.svg or logo.png, icon.svg, footer.md or footer.html, words/it.po, templates/NAME.html"
_markdown = MarkdownIt("commonmark", {"html": False})


def read(files: Mapping[str, bytes], name: str) -> Look:
    """The look in these files, given by their paths below the folder `name`. Raises ConfigError with file and line for
    what cannot be used, and for a file that means nothing here."""
    found: dict[str, Any] = {"name": name}
    footers: dict[str, Markup] = {}
    own_words: dict[str, bytes] = {}
    templates: dict[str, str] = {}
    for path, raw in sorted(files.items()):
        if _UNSAID.search(path):
            continue
        where = f"{name}/{path}"
        suffix = path.rpartition(".")[2]
        if len(raw) > LARGEST.get(suffix, len(raw)):
            raise ConfigError(
                f"it is larger than {LARGEST[suffix] // KB} kB, and every reader would load it",
                "Make it smaller.",
                where=where,
            )
        if path == "look.css":
            style.check(_text(raw, where), where)
            found["style"] = raw.removeprefix(b"\xef\xbb\xbf")
        elif path in ("logo.svg", "logo.png"):
            if "logo" in found:
                raise ConfigError("there are two logos, logo.png and logo.svg", "Keep one of them.", where=where)
            measure: Callable[[bytes, str], tuple[int, int]] = drawing.svg if suffix == "svg" else drawing.png
            found["logo"] = Logo(path, raw, *measure(raw, where))
        elif path == "icon.svg":
            drawing.svg(raw, where)
            found["icon"] = raw
        elif match := _FOOTER.fullmatch(path):
            language = _language(match["language"] or "", where)
            if language in footers:
                raise ConfigError("there are two footers for the same pages", "Keep one of them.", where=where)
            footers[language] = _cleaned(_text(raw, where), match["form"])
        elif match := _WORDS.fullmatch(path):
            text = _text(raw, where)
            words.check(text, _language(match["language"], where), where)
            own_words[match["language"]] = text.encode()
        elif match := _TEMPLATE.fullmatch(path):
            templates[match["name"]] = _text(raw, where)
        else:
            raise ConfigError(
                "a file of this name means nothing here",
                f"There may be {_KNOWN}: docs/look.md says what each is for.",
                where=where,
            )
    look = Look(
        **found,
        footers=tuple(footers.items()),
        words=tuple(own_words.items()),
        templates=tuple(templates.items()),
    )
    template.check(look)
    return look


def _text(raw: bytes, where: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError("it is not UTF-8 text", "Save it as UTF-8 in your editor.", where=f"{where}:{line}") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ConfigError("it is not text", "Is it the right file?", where=f"{where}:{line}")
    return text.replace("\r\n", "\n")


def _language(language: str, where: str) -> str:
    if language and language not in LANGUAGES:
        raise ConfigError(
            f"{language!r} is no language of the site", f"There are {' and '.join(LANGUAGES)}.", where=where
        )
    return language


def _cleaned(text: str, form: str) -> Markup:
    """Words, lists and links; pictures and whatever else would have to be loaded are left out."""
    html = _markdown.render(text) if form == "md" else text
    return Markup(
        nh3.clean(
            html,
            tags={"p", "br", "ul", "ol", "li", "a", "strong", "b", "em", "i", "small", "span"},
            attributes={"a": {"href", "lang"}, "span": {"lang"}, "p": {"lang"}},
            url_schemes={"https", "http", "mailto"},
            url_relative="deny",
            link_rel="noopener",
        ).strip()
    )
