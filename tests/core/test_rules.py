"""What rules ask, in which order they decide, and how wrong ones are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tagora.core.conditions import Facts, Link, Stands
from tagora.core.decisions import Verdict
from tagora.core.errors import ConfigError
from tagora.core.rules import Outcome, describe, evaluate
from tagora.core.rules_yaml import read_rules, write_rules

from ..make import NOON


def facts(text: str = "Ciao a tutti", **changes: Any) -> Facts:
    return Facts(**{"text": text, "published_at": NOON, "network": "x", "via": "tag", "handle": "anna", **changes})


def matched(when: str, post: Facts) -> Any:
    """What a rule with this condition records of the post; None when it does not catch it."""
    (rule,) = read_rules(f"[{{name: one, when: {when}, then: log}}]")
    first = evaluate([rule], post, publish_first=False)[0]
    return first.matched if first.rule == "one" else None


def caught(when: str, text: str, **changes: Any) -> str | None:
    """The stretch of `text` that a rule with this condition records."""
    span = matched(when, facts(text, **changes))
    return None if span is None else text[span[0] : span[1]]


# --- words and patterns ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "text", "stretch"),
    [
        ("perché", "E PERCHE MAI?", "PERCHE"),
        ("perche", "e perche\u0301 no", "perche\u0301"),
        ("viagra", "compra vi\u200bagra!", "vi\u200bagra"),
        ("casino", "𝗖𝗮𝘀𝗶𝗻𝗼 online", "𝗖𝗮𝘀𝗶𝗻𝗼"),
        ("buy now", "Buy\n  NOW!", "Buy\n  NOW"),
        ("l'invito", "leggi l’invito", "l’invito"),
        ("#spam", "un po' di #spam qui", "#spam"),
        ("straße", "die STRASSE dort", "STRASSE"),
        ("🍆", "ciao🍆ciao", "🍆"),
        ("無料", "全部無料です", "無料"),
        ("c++", "scrivo in C++, sempre", "C++"),
    ],
)
def test_words_are_found_whatever_their_dress(word: str, text: str, stretch: str) -> None:
    assert caught(f'{{words: ["{word}"]}}', text) == stretch


@pytest.mark.parametrize(
    ("word", "text"), [("arte", "la partenza"), ("arte", "arte_mia"), ("कि", "किताब"), ("no", "nò̤n")]
)
def test_a_word_inside_another_is_not_found(word: str, text: str) -> None:
    assert caught(f'{{words: ["{word}"]}}', text) is None


def test_words_are_found_in_what_else_people_read_and_recorded_as_words() -> None:
    for where in ({"title": "Un CASINÒ"}, {"warning": "casinò!"}, {"alts": ("foto di un casinó",)}):
        assert str(matched("{words: [casino]}", facts("niente", **where))).lower().startswith("casin")


def test_a_pattern_is_found_blind_to_case_with_its_stretch() -> None:
    assert caught("{regex: 'guadagn[ai] +\\d+ ?€'}", "Oggi GUADAGNI 500€ così") == "GUADAGNI 500€"


def test_a_pattern_that_would_hang_other_engines_ends_at_once() -> None:
    assert caught("{regex: '^(a+)+$'}", "a" * 50_000 + "!") is None


# --- where it comes from ---------------------------------------------------------------------------------------------

OLD = NOON - timedelta(days=400)
LINKS = (Link("bit.ly", 3, 9), Link("www.example.org", 12, 20))


@pytest.mark.parametrize(
    ("when", "post", "says"),
    [
        ("{author: ['@Anna']}", facts(), "@anna"),
        ("{author: ['mario@mastodon.uno']}", facts(handle="Mario@mastodon.uno"), "@Mario@mastodon.uno"),
        ("{author: [anna]}", facts(handle=None), None),
        ("{network: [mastodon]}", facts(network="activitypub"), "activitypub"),
        ("{network: x}", facts(network="facebook"), None),
        ("{language: [it, unknown]}", facts(), "unknown"),
        ("{language: [it]}", facts(language="en"), None),
        ("{tagged: false}", facts(via="conversation"), "not tagged"),
        ("{tagged: true}", facts(via="conversation"), None),
        ("{via: [conversation, quote]}", facts(via="quote"), "quote"),
        ("{account_age_days: {below: 7}}", facts(account_created_at=NOON - timedelta(days=2)), "account of 2 days"),
        ("{account_age_days: {below: 7}}", facts(account_created_at=OLD), None),
        ("{account_age_days: {above: 365}}", facts(account_created_at=OLD), "account of 400 days"),
        ("{account_age_days: {below: 7}}", facts(), None),
        ("{links: {at_least: 2}}", facts(links=LINKS), (3, 9)),
        ("{links: {at_least: 3}}", facts(links=LINKS), None),
        ("{links: {at_most: 0}}", facts(), "no link"),
        ("{links: {domains: [example.org]}}", facts(links=LINKS), (12, 20)),
        ("{links: {domains: [ample.org]}}", facts(links=LINKS), None),
        ("{media: {kinds: [video]}}", facts(media=("image", "video")), "1 media"),
        ("{media: {at_least: 3}}", facts(media=("image", "video")), None),
        ("{near_duplicates: {at_least: 2, hours: 24}}", facts(near_hours=(0.5, 23.9, 25.0)), "2 near-duplicates"),
        ("{near_duplicates: {at_least: 3, hours: 24}}", facts(near_hours=(0.5, 23.9, 25.0)), None),
        ("{standing: trusted}", facts(stands=Stands.TRUSTED), "trusted"),
        ("{standing: none}", facts(), "not trusted"),
        ("{unlisted: true}", facts(unlisted=True), "unlisted"),
        ("{warning: true}", facts(warning="spoiler"), "warning"),
        ("{warning: false}", facts(warning="spoiler"), None),
        ("{any: [{author: mario}, {words: [ciao], network: x}]}", facts(), (0, 4)),
        ("{any: [{author: mario}, {words: [ciao], network: facebook}]}", facts(), None),
        ("{network: x, not: {words: [ciao]}}", facts(), None),
        ("{network: x, not: {words: [ciao], author: mario}}", facts(), "x"),
        ("{network: x, words: [tutti]}", facts(), (7, 12)),
    ],
)
def test_a_condition_catches_and_says_what(when: str, post: Facts, says: Any) -> None:
    assert matched(when, post) == says


# --- the order -------------------------------------------------------------------------------------------------------

RULES = read_rules("""
- name: watch links
  when: {words: [link]}
  then: flag
- name: no spam
  when: {words: [spam]}
  then: reject
  reason: advertising
- name: thanks
  when: {words: [grazie, spam]}
  then: accept
""")


def said(text: str, *, publish_first: bool = False, **changes: Any) -> list[tuple[str, str]]:
    outcomes = evaluate(RULES, facts(text, **changes), publish_first=publish_first)
    return [(outcome.verdict.value, outcome.rule) for outcome in outcomes]


def test_the_first_deciding_rule_decides_and_flags_go_on() -> None:
    assert said("spam con link") == [("flag", "watch links"), ("reject", "no spam")]
    assert said("grazie del link") == [("flag", "watch links"), ("approve", "thanks")]


def test_blocked_authors_come_before_the_rules_and_trusted_ones_after() -> None:
    assert said("grazie", stands=Stands.BLOCKED) == [("reject", "blocked author")]
    assert said("spam", stands=Stands.TRUSTED) == [("reject", "no spam")]
    assert said("ciao", stands=Stands.TRUSTED) == [("approve", "trusted author")]


def test_what_no_rule_decides_the_policy_does() -> None:
    assert said("ciao") == [("pend", "policy")]
    assert said("ciao", publish_first=True) == [("approve", "policy")]


@pytest.mark.parametrize("text", ["ciao", "grazie"])
@pytest.mark.parametrize("stands", [None, Stands.TRUSTED])
def test_an_unlisted_post_is_never_approved_without_a_person(text: str, stands: Stands | None) -> None:
    outcome = evaluate(RULES, facts(text, unlisted=True, stands=stands), publish_first=True)[-1]
    assert outcome.verdict is Verdict.PEND and "person" in (outcome.reason or "")


def test_a_decision_carries_rule_reason_and_stretch() -> None:
    assert evaluate(RULES, facts("tanto spam"), publish_first=False) == [
        Outcome(Verdict.REJECT, "no spam", "advertising", (6, 10))
    ]


def test_a_rule_tells_itself_in_words() -> None:
    (rule,) = read_rules("""
- name: waves
  when:
    near_duplicates: {at_least: 3, hours: 24}
    account_age_days: {below: 7}
    not: {standing: trusted}
  then: hold
  reason: a wave
""")
    assert describe(rule) == (
        "When at least 3 other posts say nearly the same within 24 hours and its author's account is younger than "
        "7 days and it is not so that its author is trusted, the post is held (a wave)."
    )


# --- wrong rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("- {name: a, when: {wordz: [x]}, then: log}", "r.yaml:1: rule “a”: the key `wordz` is not known"),
        ("- name: a\n  when: {words: [x]}\n  then: delete", "r.yaml:3: rule “a”: `then` cannot be 'delete'"),
        ("- name: a\n  when:\n    regex: '(('\n  then: log", "r.yaml:3: rule “a”: `regex`: '((' is not a regular"),
        ("- name: a\n  when: {regex: '(x)\\1'}\n  then: log", "RE2"),
        ("- {name: a, when: {regex: 'x*'}, then: log}", "matches every post"),
        ("- name: a\n  when: {}\n  then: log", "r.yaml:2: rule “a”: `when` needs at least one condition"),
        ("- name: a\n  when: {any: [{}]}\n  then: log", "`any` needs at least one condition"),
        ("- when: {words: [x]}\n  then: log", "rule 1: `name` must be one line"),
        ("- {name: policy, when: {words: [x]}, then: log}", "kept for Tagora's own"),
        ("- &a {name: b, when: {words: [x]}, then: log}\n- *a", "two rules are called “b”"),
        ("- {name: a, when: {language: [no]}, then: log}", 'Put it in "quotes"'),
        ("- {name: a, when: {tagged: maybe}, then: log}", "Write true or false"),
        ("- {name: a, when: {standing: blocked}, then: log}", "rejected before any rule"),
        ("- {name: a, when: {links: {at_least: 3, at_most: 2}}, then: log}", "less than"),
        ("- {name: a, when: {near_duplicates: {hours: 2}}, then: log}", "both at_least and hours"),
        ("- {name: a, when: {account_age_days: {below: -1}}, then: log}", "number from 0"),
        ("- {name: a, when: {words: ['\u200b']}, then: log}", "can be looked for"),
        ("words: [x]", "rule 1"),
        ("- name: [", "not valid YAML"),
        ("just words", "is not a set of keys"),
    ],
)
def test_a_wrong_rule_is_refused_with_line_rule_and_key(text: str, error: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_rules(text, "r.yaml")
    assert error in str(refused.value) and str(refused.value).startswith("r.yaml:")


def test_a_text_whose_aliases_would_be_endless_is_refused() -> None:
    bomb = "- &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"- &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(ConfigError, match="more than 100000 values"):
        read_rules(bomb)


def test_no_rules_are_rules_too() -> None:
    assert read_rules("") == read_rules("[]") == ()


def test_rules_from_the_configuration_come_back_from_their_text() -> None:
    data = [{"name": "è", "when": {"words": ["però"]}, "then": "hold"}]
    assert [describe(rule) for rule in read_rules(write_rules(data))] == ["When it says “però”, the post is held."]
    assert read_rules(write_rules([])) == ()
