"""Rules as people change them: compared, tried, saved one after the other."""

from __future__ import annotations

import pytest

from tagora.core.errors import ConfigError, UsageError
from tagora.core.rules_yaml import read_rules
from tagora.review.backtest import Listed, back_test
from tagora.review.rulebook import Line, RulesChanged, differences, fresh, line_of, only_log, save
from tagora.storage import rulesets
from tagora.storage.store import Store

from ..agora import arrive, campaign
from ..make import NOON, sighting

OLD = """\
# ours
- name: spam
  when: {words: [spam]}
  then: reject
- name: shouting
  when: {regex: '[A-Z]{20}'}
  then: flag
"""
NEW = (
    OLD.replace("[spam]", "[spam, casino]") + "- name: links\n  when: {links: {at_least: 3}}\n  then: hold  # a while\n"
)


def test_two_people_saving_at_once_the_second_is_told_what_happened(store: Store) -> None:
    with store.writing() as c:
        agora = campaign(c)
        assert save(c, agora, OLD, "anna", NOON, seen=0).version == 1
        assert save(c, agora, NEW, "bert", NOON, seen=1).version == 2
        with pytest.raises(RulesChanged, match="version 2 is in force, by bert") as refused:
            save(c, agora, "[]", "anna", NOON, seen=1)
        assert refused.value.now == rulesets.latest(c, agora)
        assert save(c, agora, NEW, "anna", NOON, seen=1).version == 2  # the same once more, as after a lost answer
        assert save(c, agora, "[]", "anna", NOON, seen=2).version == 3
        assert [(held.version, held.by) for held in rulesets.versions(c, agora)] == [
            (1, "anna"),
            (2, "bert"),
            (3, "anna"),
        ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- name: a\n  when: {wordz: [x]}\n  then: log", 2),
        ("- name: a\n  when: {words: [x]}\n  then: delete", 3),
        ("- name: a\n  when: {words: [x]\n  then: log", 2),  # where the bracket opens
        ("- name: a\n- name: a", 1),
    ],
)
def test_a_wrong_rule_says_its_line(sqlite_store: Store, text: str, line: int) -> None:
    with sqlite_store.writing() as c:
        agora = campaign(c)
        with pytest.raises(ConfigError) as refused:
            save(c, agora, text, "anna", NOON, seen=0)
        assert line_of(refused.value) == line
        assert rulesets.latest(c, agora) is None


def test_new_and_changed_rules_are_told_apart() -> None:
    assert fresh(NEW, OLD) == {"spam": "changed", "links": "new"}
    assert fresh(OLD, NEW) == {"spam": "changed"}
    assert fresh(OLD.replace("# ours", "# theirs"), OLD) == {}
    assert fresh("", OLD) == {} and fresh(OLD, "[]") == {"spam": "new", "shouting": "new"}


def test_new_rules_can_be_made_to_log_only_and_the_rest_stays_as_written() -> None:
    assert only_log(NEW, ["links"]) == NEW.replace("then: hold  # a while", "then: log  # a while")
    assert only_log(NEW, ["spam", "links"]).count("then: log") == 2
    flow = '[{name: a, when: {words: [x]}, "then": "reject"}]'
    assert [rule.then for rule in read_rules(only_log(flow, ["a"]))] == ["log"]
    two_on_a_line = "[{name: a, when: {words: [x]}, then: reject}, {name: b, when: {words: [y]}, then: reject}]"
    with pytest.raises(UsageError, match="by hand"):
        only_log(two_on_a_line, ["b"])


def test_versions_are_compared_line_by_line() -> None:
    assert differences(OLD, OLD) == ()
    told = differences(OLD, NEW)
    assert [line.text for line in told if line.kind == "gone"] == ["  when: {words: [spam]}"]
    assert [line.text for line in told if line.kind == "new"] == [
        "  when: {words: [spam, casino]}",
        *NEW.splitlines()[-3:],
    ]
    long = "\n".join(map(str, range(30)))
    assert differences(long, long.replace("\n15\n", "\nhere\n")) == (
        Line("cut", ""),
        *(Line("same", text) for text in ("12", "13", "14")),
        Line("gone", "15"),
        Line("new", "here"),
        *(Line("same", text) for text in ("16", "17", "18")),
        Line("cut", ""),
    )


def test_everything_that_a_rule_would_have_caught_can_be_listed_page_by_page(sqlite_store: Store) -> None:
    rules = read_rules(OLD)
    with sqlite_store.writing() as c:
        agora = campaign(c)
        ids = arrive(c, agora, [sighting(str(n), text=f"spam {n}") for n in range(12)])
        first = back_test(c, agora, rules, 500, NOON).trials[0]
        last = back_test(c, agora, rules, 500, NOON, Listed(0, skip=8, most=20)).trials[0]
    assert (first.caught, last.caught) == (12, 12)
    assert [one.post_id for one in first.examples] == ids[:-6:-1]
    assert [one.post_id for one in last.examples] == ids[3::-1]
    assert (last.examples[-1].handle, last.examples[-1].matched, last.examples[-1].by_person) == ("anna", (0, 4), False)
