"""Blogs through the commands, against the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tagora.sandbox import SMALL, Sandbox, load_script

from ..folder import Folder


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(load_script(SMALL), now=500, enforce_limits=False) as box:
        yield box


@pytest.fixture
def blogs(folder: Callable[..., Folder]) -> Folder:
    return folder(only=["feed"])


def test_check_tells_what_a_feed_shows_that_it_moved_and_that_it_asks_to_be_left_alone(blogs: Folder) -> None:
    said = blogs("check").out
    assert "ok       talk/feed quaderno.example/feed: sees: 2 entries, from 2026-11-02 to 2026-11-02." in said
    assert (
        "quaderno.example/feed: does not see: Its old address for long: it moved for good. Set `url` to https" in said
    )
    assert "talk/feed away.example/feed: does not see: Anything: the feed asks robots to stay away" in said


def test_status_tells_of_a_move(blogs: Folder) -> None:
    assert "moved for good" not in blogs("status").out
    assert blogs("collect", "--once").status == 0
    assert "Set `url` to https://quaderno.example/new-feed/" in blogs("status").out


def test_an_article_is_published_with_its_comments_and_a_link_to_it(blogs: Folder, box: Sandbox) -> None:
    blogs("collect", "--once")
    blogs("build")
    pages = [body.decode("utf-8", "replace") for path, body in blogs.site().items() if path.startswith("talk/")]
    (page,) = [page for page in pages if "Io ci penso ancora." in page and 'class="tree"' in page]
    assert "due giorni" in page
    assert "Che tipo di networker sono" in page and "Io ci penso ancora." in page and "&lt;che serve&gt;" in page
    assert f'href="{box.post_url("w1")}"' in page and "Vedi su quaderno.example" in page


def test_a_person_of_a_blog_is_withdrawn_by_name_and_nobody_else_with_them(blogs: Folder, box: Sandbox) -> None:
    blogs("collect", "--once")
    before = {one["url"] for one in _all(blogs)}
    assert blogs("forget", "by Ada Serra", "--yes").status == 0
    blogs("collect", "--now")
    gone = before - {one["url"] for one in _all(blogs)}
    assert gone == {box.post_url(key) for key in ("w1", "w6", "w7")}  # not what "Ada Serra" commented


def _all(blogs: Folder) -> list[dict[str, str]]:
    statuses = [part for status in ("new", "pending", "held", "approved", "rejected") for part in ("--status", status)]
    return blogs("list", *statuses, "--json", "--limit", "500").json["posts"]
