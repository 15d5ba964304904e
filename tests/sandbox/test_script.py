from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tagora.sandbox import DATA, SMALL, ScriptError, load_script, parse_script
from tagora.sandbox.ids import canonical_id


def script_of(*posts: dict[str, Any], **more: Any) -> dict[str, Any]:
    people = [
        {"key": "ada", "network": "x", "handle": "ada"},
        {"key": "leo", "network": "mastodon", "server": "a.example", "handle": "leo"},
        {"key": "eva", "network": "facebook", "name": "Eva"},
    ]
    servers = [{"host": "a.example"}]
    pages = [{"id": "1", "name": "Page", "url": "https://www.facebook.com/page"}]
    top = {"start": "2026-11-02T08:00:00Z", "tag": "#tag", "servers": servers, "pages": pages, "people": people}
    return {**top, "posts": list(posts), **more}


POST = {"key": "p", "by": "ada", "at": 1, "text": "hello"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (script_of({**POST, "colour": 1}), "script: posts[0]: p: unknown key 'colour'"),
        (script_of({**POST, "by": "bob"}), "script: posts[0]: p: by: no person 'bob'"),
        (script_of({**POST, "at": "soon"}), "script: posts[0]: p: at: 'soon' is not right here"),
        (script_of({**POST, "reply_to": "q"}), "script: post p: reply_to: no post 'q'"),
        (script_of(POST, POST), "script: posts: 'p' is there twice"),
        (script_of({**POST, "deleted_at": 1}), "script: post p: deleted_at: is not after `at`"),
        (
            script_of({**POST, "edits": [{"at": 99, "text": "late"}]}),
            "script: post p: edits: X allows 5 edits within 30 minutes",
        ),
        (
            script_of(POST, {"key": "m", "by": "leo", "at": 2, "text": "hi", "reply_to": "p"}),
            "script: post m: reply_to: 'p' is on x, not mastodon",
        ),
        (
            script_of({**POST, "reply_to": "q"}, {**POST, "key": "q", "reply_to": "p"}),
            "script: post p: reply_to: answers itself in a circle",
        ),
        (
            script_of({"key": "f", "by": "eva", "at": 1, "text": "hi"}),
            "script: post f: page: no page None (every Facebook post stands on a Page)",
        ),
        (script_of(start="tomorrow"), "script: start: 'tomorrow' is not a time"),
        ([], "script: expected a mapping, found list"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_with_one_sentence(data: Any, sentence: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_script(data)
    assert str(caught.value) == sentence


def test_a_missing_or_broken_file_is_named(tmp_path: Any) -> None:
    with pytest.raises(ScriptError, match=r"nowhere\.yaml: cannot be read: No such file"):
        load_script(tmp_path / "nowhere.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("posts: [")
    with pytest.raises(ScriptError, match=r"broken\.yaml: not valid YAML"):
        load_script(broken)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.yaml")), ids=lambda path: path.name)
def test_every_script_that_comes_along_can_be_played_and_gives_each_post_its_own_id(path: Any) -> None:
    script = load_script(path)
    names = [canonical_id(script, post) for post in script.posts]
    assert len(set(names)) == len(names)


def test_a_script_can_be_moved_to_another_time_and_keeps_its_pace() -> None:
    there = load_script(SMALL, datetime(2027, 1, 1, tzinfo=UTC))
    assert there.time(90) == datetime(2027, 1, 1, 1, 30, tzinfo=UTC)
    assert there.minute(there.time(90)) == 90
    assert there.ends == load_script(SMALL).ends
