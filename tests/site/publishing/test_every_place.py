"""What holds wherever the site is published to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tagora.core.errors import PublishError
from tagora.site.publishing.publish import preview, publish
from tagora.site.publishing.record import RECORD

from .conftest import Built, publisher, seen, send, send_to
from .places import Place


class Killed(BaseException):
    """As if the process ended here."""


class Watched:
    """A target that notes what is done to it, refuses some paths, and ends the process after so many files."""

    def __init__(self, target: Any, *, refuses: tuple[str, ...] = (), killed_after: int | None = None) -> None:
        self._target, self._refuses, self._left = target, refuses, killed_after
        self.done: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def put(self, path: str, content: bytes) -> None:
        self._about("put", path)
        self._target.put(path, content)

    def remove(self, path: str) -> None:
        self._about("remove", path)
        self._target.remove(path)

    def _about(self, what: str, path: str) -> None:
        if path.startswith(".tagora/"):
            return
        if path in self._refuses:
            raise PermissionError(13, "Access denied")
        if self._left is not None:
            if self._left == 0:
                raise Killed
            self._left -= 1
        self.done.append((what, path))


def watched(place: Place, **how: Any) -> Watched:
    return Watched(place.open(), **how)


def test_the_place_shows_the_site(place: Place, built: Built) -> None:
    outcome = send(place, built)
    assert seen(place) == built.contents()
    assert (outcome.sent, outcome.removed, outcome.failures) == (16, 0, [])


def test_only_what_changed_is_sent_and_what_left_is_removed(place: Place, built: Built) -> None:
    send(place, built)
    built.page("talk/t3.html", "edited", [3])
    built.page("talk/t13.html", "new", [13])
    built.drop("talk/t12.html")
    outcome = send(place, built)
    assert (outcome.sent, outcome.removed, outcome.plan.unchanged) == (2, 1, 14)
    assert seen(place) == built.contents()
    again = send(place, built)
    assert (again.sent, again.removed) == (0, 0)


def test_somebody_elses_files_are_never_touched(place: Place, built: Built) -> None:
    place.write("CNAME", b"agora.example.org")
    place.write("robots.txt", b"User-agent: *\nDisallow: /")
    place.write("talk/old.html", b"<h1>not ours</h1>")
    outcome = send(place, built)
    assert [failure.partition(":")[0] for failure in outcome.failures] == ["robots.txt"]
    built.drop("talk/t1.html")
    place.write("talk/t14.html", b"theirs")
    built.page("talk/t14.html", "ours")
    outcome = send(place, built)
    assert sorted(failure.partition(":")[0] for failure in outcome.failures) == ["robots.txt", "talk/t14.html"]
    there = seen(place)
    assert there["CNAME"] == b"agora.example.org"
    assert there["robots.txt"] == b"User-agent: *\nDisallow: /"
    assert there["talk/old.html"] == b"<h1>not ours</h1>"
    assert there["talk/t14.html"] == b"theirs"
    assert "talk/t1.html" not in there


def test_a_file_that_fails_is_named_and_tried_again(place: Place, built: Built) -> None:
    refusing = watched(place, refuses=("talk/t2.html",))
    outcome = send_to(refusing, built)  # type: ignore[arg-type]
    refusing.close()
    assert outcome.failures == ["talk/t2.html: Access denied"]
    assert seen(place) == {path: content for path, content in built.contents().items() if path != "talk/t2.html"}
    outcome = send(place, built)
    assert (outcome.sent, outcome.failures) == (1, [])
    assert seen(place) == built.contents()


def test_killed_at_any_moment_the_next_run_goes_on(place: Place, built: Built) -> None:
    send(place, built)
    built.withdrawn = {4}
    built.drop("talk/t4.html")
    built.page("talk/index.html", "talk, without 3", [1, 2])
    built.page("talk/t5.html", "edited", [5])
    built.page("talk/t13.html", "new", [13])
    for after in range(3):
        dying = watched(place, killed_after=after)
        with pytest.raises(Killed):
            send_to(dying, built)  # type: ignore[arg-type]
        dying.close()
    assert not send(place, built).failures
    assert seen(place) == built.contents()
    assert send(place, built).sent == 0


def test_a_lost_record_is_made_anew_and_what_left_the_site_still_goes(place: Place, built: Built) -> None:
    place.write("CNAME", b"agora.example.org")
    place.write("talk/theirs.html", b"<h1>not ours</h1>")
    send(place, built)
    built.page("talk/t5.html", "edited", [5])
    built.drop("talk/t4.html")
    place.delete(RECORD)
    outcome = send(place, built)
    assert (outcome.sent, outcome.removed, outcome.failures) == (1, 1, [])
    assert seen(place) == built.contents() | {
        "CNAME": b"agora.example.org",
        "talk/theirs.html": b"<h1>not ours</h1>",
    }
    assert send(place, built).sent == 0


def test_a_record_that_cannot_be_read_counts_as_lost(place: Place, built: Built) -> None:
    send(place, built)
    place.write(RECORD, b"\x1f\x8b but no more")
    assert send(place, built).sent == 0
    assert seen(place) == built.contents()


def test_when_too_much_would_vanish_only_withdrawals_pass(place: Place, built: Built) -> None:
    send(place, built)
    built.withdrawn = {1}
    built.drop("talk/t1.html", *(f"talk/t{number}.html" for number in range(5, 10)))
    built.page("index.html", "front, without 1", [])
    built.page("talk/t13.html", "new", [13])
    with pytest.raises(PublishError, match=r"5 of 16 files .* would vanish"):
        send(place, built)
    there = seen(place)
    assert "talk/t1.html" not in there and b"without 1" in there["index.html"]
    assert {"talk/t5.html", "talk/t9.html"} < there.keys() and "talk/t13.html" not in there
    send(place, built, max_shrink=0.5)
    assert seen(place) == built.contents()


def test_however_many_posts_are_withdrawn_their_pages_go(place: Place, built: Built) -> None:
    send(place, built)
    built.withdrawn = set(range(1, 13))
    built.drop(*(f"talk/t{number}.html" for number in range(1, 13)))
    assert send(place, built).removed == 12
    assert seen(place) == built.contents()


def test_another_store_withdraws_nothing(place: Place, built: Built) -> None:
    """A store that begins anew gives the same numbers to other posts."""
    send(place, built)
    built.store, built.withdrawn = "another", set(range(1, 13))
    built.drop(*(f"talk/t{number}.html" for number in range(1, 13)))
    with pytest.raises(PublishError, match="would vanish"):
        send(place, built)
    assert "talk/t1.html" in seen(place)


def test_what_a_dry_run_tells_is_what_is_done_and_nothing_before(place: Place, built: Built) -> None:
    send(place, built)
    built.page("talk/t5.html", "edited", [5])
    built.drop("talk/t4.html")
    before = place.files()
    target = place.open()
    plan, record = preview(target, built.site())
    target.close()
    assert (plan.sent, plan.removed) == (("talk/t5.html",), ("talk/t4.html",))
    assert record.files["talk/t4.html"].size > 0
    assert place.files() == before


def test_asked_to_stop_it_stops_after_a_file_and_goes_on_later(place: Place, built: Built) -> None:
    asked = iter([False, False, *[True] * 1_000])
    outcome = send(place, built, stopped=lambda: next(asked))
    assert outcome.unfinished and outcome.sent < 16
    assert not send(place, built).unfinished
    assert seen(place) == built.contents()


def test_a_place_keeps_two_publishers_apart(place: Place, built: Built) -> None:
    """Where each file shows at once, the second is sent away; where all show together, the later one is."""
    first, second = place.open(), place.open()
    refused: list[str] = []

    def meanwhile() -> bool:
        if not refused:
            theirs = replace(built.site(), files=dict(list(built.files.items())[:5]))
            try:
                publish(second, theirs, publisher("other"), max_shrink=0.2)
                refused.append("")
            except PublishError as error:
                refused.append(str(error))
        return False

    if first.atomic:
        with pytest.raises(PublishError, match="another publisher pushed"):
            publish(first, built.site(), publisher("me"), max_shrink=0.2, stopped=meanwhile)
        assert refused == [""] and len(seen(place)) == 5
    else:
        publish(first, built.site(), publisher("me"), max_shrink=0.2, stopped=meanwhile)
        assert "another publisher is at work" in refused[0] and "me, process 1" in refused[0]
        assert seen(place) == built.contents()
    first.close()
    second.close()
