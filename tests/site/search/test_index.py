"""What is found, after whatever happened between builds; with a program that keeps documents as they are."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

import pytest

from tagora.site import render
from tagora.site.kinds import SEARCH_ENTRY
from tagora.site.search import index as index_module
from tagora.site.search import shards

from ...make import NOON
from .conftest import Found, Plain


def test_all_published_words_are_indexed_once_and_a_build_without_news_indexes_nothing(
    site: Found, plain: Plain
) -> None:
    with site.filling() as f:
        root = f.post("1", "Io coltivo poche amicizie", title="Un titolo", warning="caffè", lang="it")
        f.post("2", "Me too", reply_to=root, by="bruno", lang="en", media=({"kind": "image", "alt": "a red bicycle"},))
        f.post("3", "waits", reply_to=root, status="pending")
    assert site.build().indexed == 2  # two languages
    for words in ("Io coltivo poche amicizie", "Un titolo", "caffè", "Me too", "a red bicycle", "Bruno @bruno"):
        assert site.texts().count(words) == 1, words
    assert "waits" not in site.texts()
    assert site.build().indexed == 0
    assert plain.made == [("settled", 2)]


def test_a_reply_costs_its_own_discussion_and_the_former_version_is_passed_over(site: Found, plain: Plain) -> None:
    with site.filling() as f:
        roots = [f.post(str(n), f"question {n}") for n in range(5)]
    site.build()
    with site.filling() as f:
        f.post("reply", "an answer", reply_to=roots[3])
    site.build()
    assert plain.made == [("settled", 5), ("active", 1)]
    assert site.texts().count("question 3") == site.texts().count("an answer") == 1
    (settled, active) = site.entry()["shards"]
    assert list(settled["buried"].values()) == [["casnocha", "x", "und", "2026-11"]] and not active["buried"]


@pytest.mark.parametrize("fate", ["gone", "rejected", "edited", "doubted", "renamed"])
def test_words_that_left_the_site_are_in_no_file_after_the_next_build(site: Found, fate: str) -> None:
    with site.filling() as f:
        root = f.post("1", "question")
        reply = f.post("2", "secret words", reply_to=root, by="carla")
    site.build()
    with site.filling() as f:
        f.post("3", "another answer", reply_to=root)  # so that the words are in the active shard, and buried
    site.build()
    assert "secret words" in site.texts()
    with site.filling() as f:
        if fate == "gone":
            f.change(reply, gone="deleted")
        elif fate == "rejected":
            f.decide(reply, "rejected")
        elif fate == "edited":
            f.change(reply, text="other words", content_hash="1:other")
            f.decide(reply, "pending")
        elif fate == "doubted":
            f.change(reply, doubt=NOON)
        else:
            f.change(reply, text="nothing of it")
    if fate == "doubted":
        site.campaigns = [replace(site.campaigns[0])]
    site.build()
    assert "secret words" not in site.everything()
    assert "question" in site.texts() and "another answer" in site.texts()
    with sqlite3.connect(site.settings.manifest) as manifest:
        assert not manifest.execute("SELECT 1 FROM document WHERE instr(body, 'secret words')").fetchall()


def test_a_post_that_moves_to_another_discussion_is_found_there_once(site: Found) -> None:
    with site.filling() as f:
        one, two = f.post("1", "first question"), f.post("2", "second question")
        reply = f.post("3", "the answer", reply_to=one)
    site.build()
    with site.filling() as f:
        thread = f.connection.exec_driver_sql(f"SELECT thread_id FROM post WHERE id = {two}").scalar()
        f.touched(reply)
        f.change(reply, thread_id=thread, parent_id=two, link_id=two)
    site.build()
    assert site.texts().count("the answer") == 1
    (fragment,) = [text for text in site.found().values() if "the answer" in text]
    assert "second question" in fragment


def test_withdrawn_words_leave_even_when_another_page_fails(site: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    with site.filling() as f:
        bad, good = f.post("1", "breaks later"), f.post("2", "secret words")
    site.build()
    real = render.render

    def broken(page: object, site: object) -> bytes:
        if b"breaks later" in (content := real(page, site)):  # type: ignore[arg-type]
            raise ValueError("no such thing")
        return content

    monkeypatch.setattr("tagora.site.threads.render.render", broken)
    with site.filling() as f:
        f.change(good, gone="deleted")
        f.post("3", "new", reply_to=bad)
    report = site.build()
    assert report.failed and "secret words" not in site.everything()


def test_who_does_not_want_to_be_indexed_and_what_is_only_linked_to_is_not_found(site: Found) -> None:
    with site.filling() as f:
        root = f.post("1", "a question")
        f.post("2", "hidden words", reply_to=root, by="dora", author={"wishes": ["not_indexable"]})
        f.post("3", "linked words", reply_to=root, source_id=site.source["quiet"])
    site.build()
    assert "hidden words" in "".join(text.decode() for name, text in site.files().items() if name.endswith(".html"))
    assert "a question" in site.texts()
    assert "hidden words" not in site.texts() and "linked words" not in site.texts()


def test_without_search_there_is_no_index_and_nothing_is_kept_for_one(site: Found) -> None:
    with site.filling() as f:
        f.post("1", "a question")
    site.build()
    assert SEARCH_ENTRY in site.files()
    site.settings = replace(site.settings, search=False)
    site.build()
    assert not [name for name in site.files() if name.startswith(("search/", "en/search/")) or "pagefind" in name]
    with sqlite3.connect(site.settings.manifest) as manifest:
        assert manifest.execute("SELECT count(*) FROM document").fetchone() == (0,)
    site.settings = replace(site.settings, search=True)
    site.build()
    assert "a question" in site.texts()


def test_a_campaign_that_is_taken_out_is_not_found(site: Found) -> None:
    with site.filling() as f:
        f.post("1", "first words")
    site.build()
    site.campaigns = []
    site.build()
    assert "first words" not in site.everything() and site.entry()["shards"] == []


def test_where_the_program_fails_the_build_says_so_and_the_index_goes_when_it_holds_what_left(
    site: Found, plain: Plain
) -> None:
    with site.filling() as f:
        root = f.post("1", "a question")
        reply = f.post("2", "secret words", reply_to=root)
    site.build()
    plain.missing = True
    with site.filling() as f:
        f.post("3", "another answer", reply_to=root)
    report = site.build()
    assert report.failures == ("search: the program is not there. Install it.",)
    assert "secret words" in site.texts()  # still a good index, of yesterday
    with site.filling() as f:
        f.change(reply, gone="deleted")
    assert site.build().failed == 1
    assert "secret words" not in site.everything() and SEARCH_ENTRY not in site.files()
    plain.missing = False
    report = site.build()
    assert report.failures == () and "another answer" in site.texts() and "secret words" not in site.everything()


def test_another_pagefind_and_lost_files_make_the_index_anew(site: Found, plain: Plain) -> None:
    with site.filling() as f:
        f.post("1", "a question")
        f.post("2", "another")
    site.build()
    plain.number = "1.0.1"
    site.build(full=True)
    next((site.settings.out / "search" / "fragment").iterdir()).unlink()
    site.build(full=True)
    assert plain.made == [("settled", 2)] * 3 and "a question" in site.texts()


@pytest.mark.parametrize("at", ["claimed", "placed", "entered", "removed"])
def test_a_build_killed_while_it_writes_the_index_is_repaired_by_the_next(
    site: Found, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    with site.filling() as f:
        root = f.post("1", "a question")
        reply = f.post("2", "secret words", reply_to=root)
    site.build()
    with site.filling() as f:
        f.change(reply, gone="deleted")
        f.post("3", "another answer", reply_to=root)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        if at == "claimed":
            patched.setattr(index_module, "_place", killed)
        elif at == "placed":
            patched.setattr(index_module.Index, "_entry", killed)
        elif at == "entered":
            patched.setattr("tagora.site.search.catalogue.Catalogue.stand", killed)
        else:
            patched.setattr("tagora.site.manifest.Manifest.set_meta", killed)
        with pytest.raises(Killed):
            site.build()
    report = site.build()
    assert report.failures == () and "another answer" in site.texts()
    assert "secret words" not in site.everything()
    with sqlite3.connect(site.settings.manifest) as manifest:
        owned = {path for (path,) in manifest.execute("SELECT path FROM page")}
        assert not manifest.execute("SELECT 1 FROM page WHERE key IS NULL").fetchall()
    assert owned == set(site.files())
    assert not site.settings.out.with_name("site.search").exists()


def test_the_active_shard_is_settled_when_it_has_grown(
    site: Found, plain: Plain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "FEW", 2)
    with site.filling() as f:
        roots = [f.post(str(n), f"question {n}") for n in range(6)]
    site.build()
    for n in range(4):
        with site.filling() as f:
            f.post(f"r{n}", f"answer {n}", reply_to=roots[n])
        site.build()
    assert plain.made == [("settled", 6), ("active", 1), ("active", 2), ("settled", 6), ("active", 1)]
    assert sorted(re.findall(r"answer \d", site.texts())) == [f"answer {n}" for n in range(4)]
