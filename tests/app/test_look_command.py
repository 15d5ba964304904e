"""`tagora look`: what a look of one's own begins from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tagora.site.look.reading import read
from tagora.site.look.starting import shipped

from ..folder import Folder, tagora


def test_everything_it_lists_it_prints() -> None:
    listed = [line.split()[0] for line in tagora("look").out.splitlines()]
    assert listed == shipped()
    assert {"front.html", "thread.html", "post.html", "feed.atom", "site.css", "it.po"} <= set(listed)
    assert all(tagora("look", name).out.strip() for name in listed)


@pytest.mark.parametrize("name", ["month.html", "post.html", "feed.json"])
def test_a_template_put_into_a_look_as_it_is_changes_no_page(lonely: Folder, tmp_path: Path, name: str) -> None:
    assert lonely("build").status == 0
    before = lonely.site()
    (lonely.path / "look" / "templates").mkdir(parents=True)
    (lonely.path / "look" / "templates" / name).write_text(tagora("look", name).out, encoding="utf-8")
    lonely.config["site"]["look"] = "look"
    lonely.write()
    assert lonely("build", "--json").json["failed"] == 0
    assert lonely.site() == before


def test_the_words_it_prints_can_stand_in_a_look() -> None:
    assert read({"words/it.po": tagora("look", "it.po").out.encode()}, "look").words


def test_a_slip_in_the_name_gets_a_hint() -> None:
    answer = tagora("look", "moth.html")
    assert answer.status == 2
    assert answer.err == "tagora: nothing that is called 'moth.html' came with Tagora. Did you mean month.html?\n"
