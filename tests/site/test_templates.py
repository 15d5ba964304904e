"""Templates are pure, and every word of theirs is there in every language."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import meta, nodes

from tagora.core.errors import BuildError
from tagora.site import render
from tagora.site.look.own import Look
from tagora.site.look.trial import sample
from tagora.site.page_kinds import VIEWS
from tagora.site.pages import Page
from tagora.site.settings import SiteSettings
from tagora.site.threads import site_view

from .messages import ROOT, written

NAMES = {"page", "site", "_", "gettext", "ngettext", "asset"}
TEMPLATES = sorted(path.name for folder in render.FOLDERS for path in folder.iterdir())


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_sees_only_page_site_and_words(name: str) -> None:
    jinja = render.environment("en")
    assert jinja.loader
    tree = jinja.parse(jinja.loader.get_source(jinja, name)[0])
    macros = {name for imported in tree.find_all(nodes.FromImport) for name in imported.names}
    allowed = NAMES | macros | {"range", "namespace"}
    assert meta.find_undeclared_variables(tree) <= allowed
    assert render.closure(name)


def test_a_computed_include_is_an_error() -> None:
    with pytest.raises(BuildError, match="computed name"):
        render.closure("bad.html", Look(templates=(("bad.html", "{% include page.name %}"),)))


@pytest.mark.parametrize("full", [True, False], ids=["full", "bare"])
@pytest.mark.parametrize("name", VIEWS)
def test_every_page_can_be_printed_with_made_up_words(name: str, full: bool) -> None:
    """Own templates are tried with these: a page that cannot be printed so would be tried by nobody."""
    settings = SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "UTC")
    assert render.render(Page("x", name, "it", sample(VIEWS[name], full)), site_view(settings))


def test_every_page_of_a_site_names_its_view() -> None:
    extending = set[str]()
    for path in render.FOLDERS[0].iterdir():
        tree = render.environment("en").parse(path.read_text(encoding="utf-8"))
        only_macros = any(isinstance(node, nodes.Macro) for node in tree.body)
        if path.name != "base.html" and not only_macros:
            extending.add(path.name)
    assert set(VIEWS) == extending


@pytest.mark.parametrize("folder", ["presentation", "site", "app/health"])
def test_the_italian_words_are_those_of_the_code(folder: str) -> None:
    with (ROOT / folder / "locales" / "it.po").open("rb") as file:
        catalogue = read_po(file, locale="it")
    there = {message.id: message for message in catalogue if message.id}
    needed = {message for _, message in written(folder)}
    assert set(there) == needed
    for message in there.values():
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        assert all(strings) and not message.fuzzy, message.id
        assert not list(message.check(catalogue)), message.id
