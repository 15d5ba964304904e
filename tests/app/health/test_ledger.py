"""Each trouble is told once when it begins and once when it is over; what lasts once a day; never a flood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tagora.app.health.ledger import APART, OVER, failed, next_notice, observe, succeeded, writing_down
from tagora.app.health.trouble import Severity, Trouble, say
from tagora.storage.troubles import Channel, Line, Notice, Noticed

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def trouble(name: str, severity: Severity = Severity.WARNING, kind: str = "disk", passes: bool = True) -> Trouble:
    return Trouble(kind, name, severity, say(name), passes=passes)


def line(one: Trouble) -> Line:
    return Line(one.key, one.kind, one.about, one.severity.value, None, one.what.pattern, passes=one.passes)


class Telling:
    """A channel over time: `look` is one tick; what was sent is in `sent`."""

    def __init__(self, name: str = "mail") -> None:
        self.name, self.channel, self.now = name, Channel(), NOW
        self.known: dict[str, Noticed] = {}
        self.sent: list[tuple[datetime, Notice]] = []

    def look(self, seen: Iterable[Trouble], after: timedelta = MINUTE) -> Notice | None:
        self.now += after
        troubles = list(seen)
        self.known = observe(self.known, troubles, self.now)
        notice = next_notice(self.channel, self.name, self.known, troubles, line, self.now)
        if notice is not None:
            self.channel = succeeded(writing_down(self.channel, notice), notice, self.now)
            self.sent.append((self.now, notice))
        return notice


def names(lines: Iterable[Line]) -> list[str]:
    return sorted(one.about for one in lines)


def test_a_trouble_is_told_when_it_begins_and_when_it_is_over_and_once_a_day_between() -> None:
    telling = Telling()
    for _ in range(49):
        telling.look([trouble("a")], HOUR)
    told = [(names(one.begun), names(one.ended), names(one.lasting)) for _, one in telling.sent]
    assert told == [(["a"], [], []), ([], [], ["a"]), ([], [], ["a"])]
    telling.look([], HOUR)
    last = telling.look([], HOUR)
    assert last is not None and names(last.ended) == ["a"] and not last.begun
    assert all(telling.look([], HOUR) is None for _ in range(30))


def test_what_comes_and_goes_within_minutes_is_told_once() -> None:
    telling = Telling()
    for minute in range(120):
        telling.look([trouble("a")] if minute % 9 < 2 else [])
    assert [names(one.begun) for _, one in telling.sent] == [["a"]]


def test_many_troubles_at_once_are_one_notice_and_those_soon_after_are_one_more() -> None:
    telling = Telling()
    for minute in range(1, 31):
        telling.look([trouble(str(number)) for number in range(10 * minute)])
    assert len(telling.sent) <= 30 * MINUTE / APART + 1
    assert len(telling.channel.told) >= 160


def test_notes_are_told_to_nobody_and_a_way_that_fails_is_not_told_of_itself() -> None:
    assert Telling().look([trouble("a", Severity.NOTE), trouble("mail", kind="mail fails")]) is None
    assert Telling("webhook").look([trouble("mail", kind="mail fails")]) is not None


def test_what_happened_once_is_neither_repeated_nor_over() -> None:
    telling = Telling()
    for _ in range(60):
        telling.look([trouble("h", kind="hole", passes=False)], HOUR)
    for _ in range(60):
        telling.look([], HOUR)
    assert len(telling.sent) == 1


def test_a_notice_under_way_is_not_sent_beside_and_after_a_kill_it_is_the_very_same() -> None:
    known = observe({}, [trouble("a")], NOW)
    notice = next_notice(Channel(), "mail", known, [trouble("a")], line, NOW)
    assert notice is not None
    killed = writing_down(Channel(), notice)
    assert next_notice(killed, "mail", known, [trouble("a")], line, NOW + MINUTE) is None, "somebody may be sending it"
    more = [trouble("a"), trouble("b")]
    assert next_notice(killed, "mail", observe(known, more, NOW), more, line, NOW + 3 * MINUTE) == notice


def test_a_notice_surely_not_taken_is_made_anew_later_and_later() -> None:
    channel, now, tried = Channel(), NOW, list[int]()
    for minute in range(130):
        now = NOW + minute * MINUTE
        seen = [trouble("a")] + ([trouble("b")] if minute > 50 else [])
        notice = next_notice(channel, "mail", observe({}, seen, now), seen, line, now)
        if notice is not None:
            tried.append(minute)
            channel = failed(writing_down(channel, notice), "451", now, sure=True)
            assert len(notice.begun) == (2 if minute > 50 else 1)
    assert tried == [0, 1, 3, 7, 15, 31, 61, 91, 121], "at last every half hour"
    assert channel.failing_since == NOW and channel.problem == "451"


def test_a_notice_perhaps_taken_is_sent_again_as_it_was() -> None:
    known = observe({}, [trouble("a")], NOW)
    notice = next_notice(Channel(), "mail", known, [trouble("a")], line, NOW)
    assert notice is not None
    channel = failed(writing_down(Channel(), notice), "no answer", NOW, sure=False)
    assert next_notice(channel, "mail", known, [], line, NOW + 5 * MINUTE) == notice


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("abcd")), st.sampled_from(["sent", "refused", "killed", "killed after"])),
        max_size=60,
    )
)
def test_whatever_is_refused_or_killed_everything_is_told_in_the_end_and_never_too_often(
    ticks: list[tuple[set[str], str]],
) -> None:
    """Notices with one number are one notice: their receivers know it again by its Message-ID."""
    channel, known, now = Channel(), dict[str, Noticed](), NOW
    arrived: dict[int, tuple[datetime, Notice]] = {}
    calm = [(set[str]("a"), "sent")] * 60
    for there, fate in ticks + calm:
        now += 5 * MINUTE
        seen = [trouble(name) for name in sorted(there)]
        known = observe(known, seen, now)
        notice = next_notice(channel, "mail", known, seen, line, now)
        if notice is None:
            continue
        channel = writing_down(channel, notice)
        if fate == "refused":
            channel = failed(channel, "no", now, sure=True)
            continue
        if fate != "killed":
            assert arrived.get(notice.number, (now, notice))[1] == notice
            arrived.setdefault(notice.number, (now, notice))
        if fate == "sent":
            channel = succeeded(channel, notice, now)
    believed: set[str] = set()
    for _, notice in sorted(arrived.values(), key=lambda one: one[1].number):
        assert not believed & set(names(notice.begun)), "told to have begun, a trouble does not begin again"
        assert set(names(notice.ended)) <= believed
        believed |= set(names(notice.begun))
        believed -= set(names(notice.ended))
    assert believed == {"a"}
    times = sorted(at for at, _ in arrived.values())
    hours = (times[-1] - times[0]) / HOUR if times else 0
    assert len(times) <= hours * (HOUR / APART) + 1 + len([1 for _, fate in ticks if fate == "killed after"])


def test_a_clock_that_was_ahead_for_a_moment_silences_nobody() -> None:
    ahead = NOW + timedelta(days=400)
    known = observe({}, [trouble("a")], ahead)
    notice = next_notice(Channel(), "mail", known, [trouble("a")], line, ahead)
    assert notice is not None
    both = [trouble("a"), trouble("b")]
    for left in (
        succeeded(writing_down(Channel(), notice), notice, ahead),
        failed(writing_down(Channel(), notice), "451", ahead, sure=True),
        writing_down(Channel(), notice),
    ):
        later = next_notice(left, "mail", observe(known, both, NOW), both, line, NOW)
        assert later is not None, "told as if the wrong moment had never been"
    gone = observe(known, [], ahead)
    assert observe(gone, [], NOW) == {}


def test_a_trouble_keeps_its_beginning_while_it_flickers() -> None:
    known = observe({}, [trouble("a")], NOW)
    known = observe(known, [], NOW + MINUTE)
    known = observe(known, [trouble("a")], NOW + 2 * MINUTE)
    assert known == {"disk a": Noticed(NOW)}
    known = observe(known, [], NOW + 3 * MINUTE)
    assert observe(known, [], NOW + 3 * MINUTE + OVER) == {}
