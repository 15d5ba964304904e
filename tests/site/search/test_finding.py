"""What Pagefind's own program and the page's own script find, together; without a browser, which would be slower."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tagora.presentation.posts import anchor_of
from tagora.site import render
from tagora.storage.tables import post

from ...programs import program
from ...site_store import Filler
from .conftest import Found

HERE = Path(__file__).parent
WORKER = render.HERE / "static" / "search-worker.js"
Query = tuple[str, dict[str, list[str]]]


def asked(site: Found, *queries: str | Query) -> list[dict[str, Any]]:
    node = program("node", "nodejs", package="nodejs")
    pairs: list[Query] = [(one, {}) if isinstance(one, str) else one for one in queries]
    told = [json.dumps({"text": text, "chosen": chosen}) for text, chosen in pairs]
    call = [node, str(HERE / "asks.mjs"), str(site.settings.out), str(WORKER), *told]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hits(told: dict[str, Any]) -> list[str]:
    return [one["anchor"] for _, _, posts in told["posts"] for one in posts]


def anchors(*names: str) -> list[str]:
    return [anchor_of("x", name) for name in names]


def number_of(f: Filler, name: str) -> int:
    return f.connection.execute(select(post.c.id).where(post.c.native_id == name)).scalar_one()


@pytest.fixture
def talk(real: Found) -> Found:
    """A settled discussion in two languages, and then answers, so that there are two shards."""
    with real.filling() as f:
        root = f.post("1", "Il gatto corre nella strada perché piove.", lang="it")
        f.post("2", "The cat is networking, says l'amico", reply_to=root, by="bruno", lang="en")
        f.post("3", "gattini e gatti nella rete", by="carla", lang="it")
        f.post("4", "behind it the strada del gatto", warning="cats inside", by="dora", lang="it")
    real.build()
    with real.filling() as f:
        f.post("5", "amministrazione della strada", reply_to=root, by="elio", lang="it", minutes=60 * 24 * 30)
        f.post("6", "a network", by="bruno", lang="en")
        f.post("8", "ancora altro", reply_to=root, by="elio", lang="it")
    report = real.build()
    assert report.failures == () and report.indexed == 3
    assert [len(shard["buried"]) for shard in real.entry()["shards"]] == [1, 0]
    return real


def test_exact_matches_come_first_in_both_languages_and_a_hit_is_a_post(talk: Found) -> None:
    gatto, phrase, network, whole, apostrophe, accent, name, nothing, prefix = asked(
        talk, "gatto", "strada del gatto", "networks", '"strada del gatto"', "l’amico", "PERCHE", "bruno",
        "gattopardo", "zzz",
    )  # fmt: skip
    assert sorted(hits(gatto)[:2]) == sorted(anchors("1", "4")) and hits(gatto)[2:] == anchors("3")
    assert hits(phrase)[0] == anchors("4")[0] and hits(whole) == anchors("4")
    assert sorted(hits(network)) == sorted(anchors("2", "6"))
    assert hits(apostrophe) == anchors("2") and hits(accent) == anchors("1")
    assert sorted(hits(name)) == sorted(anchors("2", "6"))
    assert hits(nothing) == hits(prefix) == []


def test_behind_a_warning_words_are_found_and_only_the_warning_is_shown(talk: Found) -> None:
    (told,) = asked(talk, "behind")
    ((_, _, (one,)),) = told["posts"]
    assert (one["anchor"], one["warning"], one["text"]) == (*anchors("4"), "cats inside", [])


def test_counts_beside_choices_are_what_choosing_finds(talk: Found) -> None:
    free, december, november = asked(
        talk, "strada", ("strada", {"month": ["2026-12"]}), ("strada", {"month": ["2026-11"], "language": ["it"]})
    )
    assert free["total"] == 3
    assert free["counts"] == {
        "campaign": {"casnocha": 3}, "network": {"x": 3}, "language": {"it": 3},
        "month": {"2026-11": 2, "2026-12": 1},
    }  # fmt: skip
    assert hits(december) == anchors("5") and december["counts"]["month"] == free["counts"]["month"]
    assert december["counts"]["language"] == {"it": 1}
    assert sorted(hits(november)) == sorted(anchors("1", "4"))


def test_the_same_queries_find_the_same_posts_after_any_history_as_after_a_clean_build(talk: Found) -> None:
    queries = ["gatto", "gattini", "strada", "network", "del gatto", '"del gatto"', "bruno", "amministrazioni", "cats"]

    def same(one: dict[str, Any]) -> tuple[Any, ...]:
        return sorted(map(str, one["posts"])), one["total"], one["counts"]

    with talk.filling() as f:
        f.change(number_of(f, "3"), gone="deleted")
    talk.build()
    with talk.filling() as f:
        f.post("7", "Il gatto del network", reply_to=number_of(f, "6"), lang="it")
    talk.build()
    assert len(talk.entry()["shards"]) == 2
    incremental = asked(talk, *queries)
    for path in talk.settings.out.parent.glob("site.manifest.db*"):
        path.unlink()
    talk.build()
    assert len(talk.entry()["shards"]) == 1
    clean = asked(talk, *queries)
    assert list(map(same, incremental)) == list(map(same, clean))
