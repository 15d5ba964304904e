from __future__ import annotations

from typing import Any

from tagora.sandbox import Reason, Role, Script, Truth, parse_script, truth
from tagora.sandbox.ids import canonical_id

from .test_script import script_of


def roles(found: Truth, network: str) -> dict[str, str]:
    return {post.key: post.role for post in found.of(network)}


def held(found: Truth) -> frozenset[str]:
    return found.keys()


def gaps(found: Truth) -> dict[str, tuple[str, bool]]:
    return {gap.key: (gap.reason, gap.needed) for gap in found.gaps}


def test_on_the_fediverse_tagged_posts_their_answers_and_their_quotes_belong(script: Script) -> None:
    assert roles(truth(script, 1_000), "mastodon") == {
        "m1": Role.TAGGED,
        "m2": Role.BELOW,
        "m3": Role.BELOW,
        "m4": Role.BELOW,
        "m5": Role.QUOTE,
        "m8": Role.BELOW,
        "m9": Role.TAGGED,
        "m10": Role.TAGGED,
        "m11": Role.TAGGED,
    }


def test_on_x_what_is_above_a_tagged_answer_is_context_and_its_siblings_do_not_belong(script: Script) -> None:
    found = truth(script, 1_000)
    assert {key: role for key, role in roles(found, "x").items() if key in ("x8", "x9", "x10", "x11")} == {
        "x8": Role.CONTEXT,
        "x9": Role.TAGGED,
        "x10": Role.BELOW,
    }
    assert "x11" in found.perhaps
    filler = next(gap for gap in found.gaps if gap.reason == Reason.LIMIT)
    assert (filler.key, filler.count) == ("x8", 4_000)


def test_what_hangs_behind_a_protected_post_belongs_where_the_root_is_tagged(script: Script) -> None:
    found = truth(script, 1_000)
    assert roles(found, "x")["x5"] == Role.BELOW
    assert gaps(found)["x4"] == (Reason.FORBIDDEN, True)


def test_private_hidden_and_unpublished_posts_must_not_be_held(script: Script) -> None:
    found = truth(script, 1_000, openers=["f1"])
    assert found.forbidden == {"m6", "m7", "x4", "f10", "f11", "b4"}
    assert not found.forbidden & (found.keys() | found.perhaps)


def test_facebook_openers_belong_with_all_their_comments_and_an_untagged_post_is_context(script: Script) -> None:
    without = roles(truth(script, 1_000), "facebook")
    assert without == {"f6": Role.CONTEXT, "f7": Role.TAGGED, "f9": Role.TAGGED}
    opened = roles(truth(script, 1_000, openers=["f1"]), "facebook")
    assert opened == {**without, "f1": Role.OPENER, "f2": Role.BELOW, "f3": Role.BELOW, "f4": Role.BELOW}
    linked = truth(script, 1_000, invitation_url="https://www.example.org/articoli/che-tipo-di-networker-sei")
    assert {"f1", "f2", "f3"} <= linked.keys()


def test_the_truth_moves_with_time(script: Script) -> None:
    assert truth(script, 0).keys() == frozenset()
    assert "m12" in held(truth(script, 299)) and "m13" in held(truth(script, 299))
    later = truth(script, 300)
    assert "m12" not in held(later) and gaps(later)["m12"] == (Reason.DELETED, False)
    assert "m13" in later.perhaps
    texts = {post.key: (post.text, post.edited) for post in truth(script, 130).posts}
    assert texts["m4"] == ("Io no, mai.", True)
    assert texts["x7"] == ("Refuzo corretto #agoraTest", True)
    assert "m11" not in held(truth(script, 499)) and "m11" in held(truth(script, 500))


def test_who_comes_late_finds_old_posts_of_x_only_in_the_archive(script: Script) -> None:
    late = truth(script, 13_000, collecting_since=13_000)
    assert set(roles(late, "x")) == {"x15"}
    assert gaps(late)["x1"] == (Reason.BEYOND_WINDOW, False)
    assert set(roles(late, "mastodon")) == set(roles(truth(script, 13_000), "mastodon"))
    archive = truth(script, 13_000, collecting_since=13_000, archive=True)
    assert {"x1", "x2", "x9", "x15"} <= archive.keys()


def test_only_the_asked_networks_count(script: Script) -> None:
    assert {post.network for post in truth(script, 1_000, networks=["x"]).posts} == {"x"}


def test_ids_texts_and_wishes_are_those_a_store_would_hold(script: Script) -> None:
    posts = {post.key: post for post in truth(script, 1_000).posts}
    assert posts["x7"].native_id == canonical_id(script, script.post("x7"))
    assert posts["x2"].sent_text == "@marcob E tu come fai?" and posts["x2"].text == "E tu come fai?"
    assert "🎉🎉 Pazienza & metodo <sempre> #agoraTest https://t.co/" in posts["x1"].sent_text
    assert posts["m3"].sent_text == "Anch'io, @tom" and posts["m3"].handle == "lucia@sociale.example"
    assert posts["m2"].parent_id == posts["m1"].native_id
    assert posts["m10"].wishes == ("opted_out", "noindex", "nobot")


def found_in(*posts: dict[str, Any], **more: Any) -> Truth:
    return truth(parse_script(script_of(*posts, **more)), 1_000)


def test_an_unlisted_tagged_post_that_nothing_leads_to_cannot_be_found() -> None:
    found = found_in({"key": "p", "by": "leo", "at": 0, "text": "#tag", "visibility": "unlisted"})
    assert found.keys() == frozenset()
    assert gaps(found) == {"p": (Reason.UNREACHABLE, False)}


def test_a_post_no_played_server_knows_cannot_be_found() -> None:
    people = [{"key": "far", "network": "mastodon", "server": "far.example", "handle": "far"}]
    found = found_in({"key": "p", "by": "far", "at": 0, "text": "#tag"}, people=people)
    assert gaps(found) == {"p": (Reason.UNREACHABLE, False)}


def test_a_conversation_that_lost_its_tag_or_its_root_is_perhaps_held() -> None:
    root = {"key": "p", "by": "ada", "at": 0, "text": "#tag"}
    answer = {"key": "q", "by": "ada", "at": 1, "text": "yes", "reply_to": "p"}
    assert found_in({**root, "deleted_at": 5}, answer).perhaps == {"q"}
    assert found_in({**root, "edits": [{"at": 5, "text": "no tag"}]}, answer).perhaps == {"p", "q"}


def test_truth_is_told_as_json(script: Script) -> None:
    told = truth(script, 1_000).to_json()
    assert told["at"] == "2026-11-03T00:40:00+00:00"
    assert {"key", "network", "native_id", "role", "sent_text", "parent"} <= set(told["posts"][0])
