"""What an own look may not be: each fault is told in one sentence with file and line."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tagora.core.errors import ConfigError
from tagora.site.look.reading import read
from tagora.site.look.trial import trial
from tagora.site.settings import SiteSettings
from tagora.site.shipped import FOLDERS
from tagora.site.threads import site_view

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60">\n{}\n</svg>'
PNG = (
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 200, 60) + bytes(9) + b"IEND" + bytes(4)
)
ENTITY = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]>\n<svg xmlns="http://www.w3.org/2000/svg"/>'


def shipped(name: str) -> str:
    return next(path for folder in FOLDERS if (path := folder / name).is_file()).read_text(encoding="utf-8")


FAULTS: dict[str, tuple[str, str | bytes, str]] = {
    "a brace left open": ("look.css", ":root {\n --ink: red;\n", "look.css:1: `{` is opened here and not closed"),
    "a brace too many": ("look.css", "a { }\n}\n", "look.css:2: this `}` closes nothing"),
    "a comment left open": ("look.css", "a{}\n/* here\n", "look.css:2: a comment begins here"),
    "a quote left open": ("look.css", "a{}\nb{content:'x\n}", "look.css:2: a text in quotes begins here"),
    "a style from elsewhere": ("look.css", "@import 'a.css';", "look.css:1: `@import` loads"),
    "a font": ("look.css", "\n@font-face { src: url(a.woff) }", "look.css:2: `@font-face` loads"),
    "a picture from elsewhere": ("look.css", "a{}\nb { background: url('https://a.b/c.png') }", "look.css:2: `url("),
    "a picture by its name": ("look.css", "b { background: URL( c.png ) }", "look.css:1: `URL("),
    "an image set": ("look.css", 'b { background: image-set("//a.b/c.png" 1x) }', "look.css:1: "),
    "the end of a style element": ("look.css", "a{}\n/**/ </style><script>", "look.css:2: `</`"),
    "a style that is no text": ("look.css", b"a{}\n\xff\xfe", "look.css:2: it is not UTF-8 text"),
    "a style of megabytes": ("look.css", "a" * 100_001, "look.css: it is larger than 100 kB"),
    "a file that means nothing": ("style.css", "a{}", "style.css: a file of this name means nothing here"),
    "a logo that runs": ("logo.svg", SVG.format("<script>alert(1)</script>"), "logo.svg:2: the drawing holds <script>"),
    "a logo that listens": (
        "logo.svg",
        SVG.format('<g onload="alert(1)"/>'),
        "logo.svg:2: the drawing holds the attri",
    ),
    "a logo with a page": ("logo.svg", SVG.format("<foreignObject/>"), "logo.svg:2: the drawing holds <foreignObject>"),
    "a logo with HTML": ("logo.svg", SVG.format('<b xmlns="http://www.w3.org/1999/xhtml"/>'), "logo.svg:2: "),
    "a logo that leads away": (
        "logo.svg",
        SVG.format('<use href="https://a.b/#c"/>'),
        "logo.svg:2: the drawing holds a",
    ),
    "a logo that is moved": (
        "logo.svg",
        SVG.format('<set attributeName="href"/>'),
        "logo.svg:2: the drawing holds <set>",
    ),
    "a logo that loads": (
        "logo.svg",
        SVG.format("<style>@import 'x'</style>"),
        "logo.svg:2: the drawing holds a style",
    ),
    "a logo that grows": ("logo.svg", ENTITY, "logo.svg:1: the drawing holds a document type"),
    "a logo in two halves": ("logo.svg", SVG.format("<g>"), "logo.svg:3: the drawing cannot be read"),
    "a logo without a size": (
        "logo.svg",
        SVG.format("").replace("viewBox", "box"),
        "logo.svg: the drawing does not say",
    ),
    "a picture that is none": ("logo.png", b"GIF89a", "logo.png: it is no PNG"),
    "an enormous picture": (
        "logo.png",
        PNG[:16] + struct.pack(">II", 9000, 60) + PNG[24:],
        "logo.png: it is 9000 × 60",
    ),
    "an icon that runs": ("icon.svg", SVG.format("<script/>"), "icon.svg:2: the drawing holds <script>"),
    "a footer of another tongue": ("footer.de.md", "Hallo", "footer.de.md: 'de' is no language of the site"),
    "words nobody says": ("words/it.po", 'msgid "Nope"\nmsgstr "Ma no"\n', "words/it.po:1: no page says 'Nope'"),
    "words left open": ("words/it.po", '\nmsgid "Guru\nmsgstr "Ospite"\n', "words/it.po:2: this line belongs to no"),
    "words with HTML": ("words/it.po", 'msgid "Guru"\nmsgstr "<b>"\n', "words/it.po:1: words hold no HTML"),
    "words nobody fills in": (
        "words/en.po",
        'msgid "Open until %(day)s"\nmsgstr "Until %(date)s"\n',
        "words/en.po:1: 'Until %(date)s' cannot be filled in",
    ),
    "half a percent": ("words/en.po", 'msgid "Guru"\nmsgstr "100%"\n', "words/en.po:1: '100%' cannot be filled in"),
    "a block left open": (
        "templates/front.html",
        "{% block main %}\n",
        "templates/front.html:1: the template cannot be read",
    ),
    "a tag nobody knows": (
        "templates/front.html",
        "\n{% now %}",
        "templates/front.html:2: the template cannot be read",
    ),
    "a name nobody knows": (
        "templates/front.html",
        "{% extends 'base.html' %}\n{% block main %}\n{{ pgae.head.title }}\n{% endblock %}",
        "templates/front.html:3: there is no `pgae`",
    ),
    "a missing block": (
        "templates/facet.html",
        "{% extends 'base.html' %}",
        "templates/facet.html:1: the block `main`",
    ),
    "a block without a place": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}\n{% block mian %}{% endblock %}",
        "templates/front.html:2: the block `mian` has no place",
    ),
    "words outside of blocks": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}\n\n<p>Welcome</p>",
        "templates/front.html:2: this stands outside",
    ),
    "a missing macro": (
        "templates/cards.html",
        "{% macro card(it, root, level) %}{% endmacro %}",
        "cards.html:1: the macro `",
    ),
    "a template of no page": ("templates/frnot.html", "Hello", "templates/frnot.html: no page uses a template"),
    "a template that is not there": (
        "templates/front.html",
        "{% extends 'bsae.html' %}{% block main %}{% endblock %}",
        "templates/front.html:1: there is no template 'bsae.html'",
    ),
    "a template of a computed name": (
        "templates/front.html",
        "{% extends 'base.html' %}{% block main %}\n{% include page.head.title %}{% endblock %}",
        "templates/front.html:2: the name of another template is computed",
    ),
    "a template inside itself": (
        "templates/front.html",
        "{% extends 'front.html' %}",
        "front.html:1: the template ends up",
    ),
    "words taken as HTML": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}\n{{ page.head.title|safe }}{% endblock %}",
        "templates/front.html:2: the filter `safe` is not allowed",
    ),
    "escaping turned off": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}{% autoescape false %}{% endautoescape %}{% endblock %}",
        "templates/front.html:1: to choose whether words are escaped is not allowed",
    ),
    "a post taken as the interface's words": (
        "templates/thread.html",
        "{% extends 'shipped/thread.html' %}{% block main %}\n{{ _(page.title) }}{% endblock %}",
        "templates/thread.html:2: the words given to _ must stand in quotes",
    ),
    "words handed on": (
        "templates/thread.html",
        "{% extends 'shipped/thread.html' %}{% block main %}\n{% set say = _ %}{{ say(page.title) }}{% endblock %}",
        "templates/thread.html:2: `_` without its words",
    ),
    "a way into the program": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}{{ page.__class__ }}{% endblock %}",
        "templates/front.html:1: `.__class__` is not allowed",
    ),
    "the same by a format": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}{{ '{0.x}'.format(page) }}{% endblock %}",
        "templates/front.html:1: `.format` is not allowed",
    ),
    "the same by a filter": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}{{ page|attr('x') }}{% endblock %}",
        "templates/front.html:1: the filter `attr` is not allowed",
    ),
    "a script in the page": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}\n{% block main %}<script>track()</script>{% endblock %}",
        "templates/front.html:2: a script stands in the page",
    ),
    "a picture of another host": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}<img alt='' src='https://a.b/c.png'>{% endblock %}",
        "templates/front.html:1: something is loaded from elsewhere",
    ),
    "a looser policy": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block policy %}default-src *{% endblock %}{% block main %}{% endblock %}",
        "templates/front.html:1: the policy of pages is replaced",
    ),
    "no policy": (
        "templates/redirect.html",
        "<!doctype html><p>{{ page.target }}</p>",
        "redirect.html:1: the policy of pages",
    ),
    "a field nobody has": (
        "templates/campaign.html",
        "{% extends 'shipped/campaign.html' %}\n{% block main %}\n{{ page.invitation.titel }}\n{% endblock %}",
        "templates/campaign.html:3: the page campaign.html cannot be printed",
    ),
    "a field nobody has, in a macro": (
        "templates/post.html",
        shipped("post.html").replace("it.author.url", "it.author.address", 1),
        "the page thread.html cannot be printed: 'AuthorView' object has no attribute 'address'",
    ),
    "a macro that takes less": (
        "templates/cards.html",
        shipped("cards.html").replace("numbers(it) %}", "numbers() %}{% set it = page.numbers %}"),
        "other templates call this macro as `numbers(it)`",
    ),
    "a file of pages that is not there": (
        "templates/front.html",
        "{% extends 'shipped/front.html' %}{% block main %}\n{{ asset('more.js') }}{% endblock %}",
        "templates/front.html:2: the page front.html cannot be printed: there is no file 'more.js'",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_file_and_line(name: str) -> None:
    path, content, said = FAULTS[name]
    raw = content if isinstance(content, bytes) else content.encode()
    site = site_view(SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "UTC"))
    with pytest.raises(ConfigError) as caught:
        trial(site, read({path: raw}, "look"))
    assert str(caught.value).startswith(f"look/{path}")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_two_logos_and_two_footers_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match="two logos"):
        read({"logo.svg": SVG.format("").encode(), "logo.png": PNG}, "look")
    with pytest.raises(ConfigError, match="two footers"):
        read({"footer.md": b"a", "footer.html": b"b"}, "look")


def test_what_systems_and_editors_leave_behind_is_no_fault() -> None:
    look = read({".DS_Store": b"\0", "look.css~": b"", "templates/.x.swp": b"", "README.md": b"ours"}, "look")
    assert look == type(look)("look")


def test_drawings_tell_their_size() -> None:
    drawn = SVG.format("<g/>").replace("viewBox", 'width="120px" height="40" viewBox')
    for name, raw, size in (
        ("logo.svg", SVG.format('<g fill="url(#a)"/><use href="#b"/>').encode(), (200, 60)),
        ("logo.svg", drawn.encode(), (120, 40)),
        ("logo.png", PNG, (200, 60)),
    ):
        logo = read({name: raw}, "look").logo
        assert logo is not None and (logo.width, logo.height) == size


def test_a_footer_keeps_words_and_links_and_nothing_that_would_be_loaded_or_run() -> None:
    html = "<p onclick='x()'>A <b>b</b> <a href='javascript:x()'>c</a> <img src='https://a.b/c'><script>d</script></p>"
    look = read({"footer.html": html.encode(), "footer.it.md": b"Da [noi](https://example.org/)"}, "look")
    assert look.footer("en") == '<p>A <b>b</b> <a rel="noopener">c</a> </p>'
    assert look.footer("it") == '<p>Da <a href="https://example.org/" rel="noopener">noi</a></p>'


def test_a_style_may_hold_pictures_comments_and_quotes() -> None:
    css = """/* } */ a::after { content: "{\\"'" ; background: url("data:image/svg+xml,%3Csvg xmlns='x'/%3E") }
    @media (min-width: 3em) { b[title='}'] { mask: url(#m) } }"""
    assert read({"look.css": b"\xef\xbb\xbf" + css.encode()}, "look").style == css.encode()


def test_the_templates_that_came_with_tagora_are_own_templates_without_fault() -> None:
    files = {f"templates/{path.name}": path.read_bytes() for folder in FOLDERS for path in folder.iterdir()}
    look = read(files, "look")
    site = site_view(SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "UTC", look=look))
    trial(site, look)
