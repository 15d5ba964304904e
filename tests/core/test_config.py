"""What a person writes by hand is answered with file, line, key and what to do."""

from __future__ import annotations

import pytest

from tagora.core import yaml_lines
from tagora.core.config import CampaignConfig, Config, SourceConfig
from tagora.core.config_errors import validate
from tagora.core.errors import ConfigError
from tagora.core.invitation import parse_invitation


def complaint(text: str, kind: type = Config) -> str:
    def read() -> None:
        document = yaml_lines.parse(text, "config.yaml")
        validate(kind, document, document.data)

    with pytest.raises(ConfigError) as caught:
        read()
    assert caught.value.exit_status == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("stor: x\n", "config.yaml:1: the key `stor` is not known"),
        ("store: x\ntimezone: Europe/Romo\n", "config.yaml:2: `timezone`: 'Europe/Romo' is no time zone"),
        ("site:\n  base_url: example.org\n", "config.yaml:2: `site.base_url`: write a full web address"),
        ("site:\n  languages: [it, fr]\n", "config.yaml:2: `site.languages[1]`"),
        ("legal: {controller: Us}\n", "config.yaml:1: `legal.contact` is missing"),
        ("store: a\nstore: b\n", "config.yaml:2: the key 'store' stands twice"),
        ("store: [a\n", "config.yaml:1: this is not valid YAML"),
        ("- a\n", "config.yaml:1: settings of the form `key: value`"),
        ("accounts:\n  x: {budget: {usd_per_day: -1}}\n", "config.yaml:2: `accounts.x.platform` is missing"),
        ("1: a\n", "config.yaml:1: the key 1 is not a word"),
    ],
)
def test_a_wrong_setting_is_named_with_file_line_and_key(text: str, expected: str) -> None:
    assert expected in complaint(text)


@pytest.mark.parametrize("tag", ["two words", "123", "", "#", "a-b"])
def test_what_cannot_be_a_hashtag_is_refused(tag: str) -> None:
    assert "cannot be a hashtag" in complaint(f"slug: a\nhashtags: ['{tag}']\n", CampaignConfig)


def test_a_tag_may_be_written_with_its_sign_and_in_any_script() -> None:
    campaign = CampaignConfig.model_validate({"slug": "a", "hashtags": ["#mmgCasnocha", "日本語"]})
    assert campaign.hashtags == ("mmgCasnocha", "日本語")


@pytest.mark.parametrize(("every", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400)])
def test_durations_are_a_number_and_a_unit(every: str, seconds: int) -> None:
    assert SourceConfig.model_validate({"platform": "x", "every": every}).every.total_seconds() == seconds


def test_a_platforms_own_keys_pass_through() -> None:
    source = SourceConfig.model_validate({"platform": "facebook", "page": "1", "token_env": "T"})
    assert source.options == {"page": "1", "token_env": "T"}


def test_a_document_that_refers_to_itself_is_refused() -> None:
    assert "too deep" in complaint("a: &x\n  b: *x\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "a.md:1: the invitation has no front matter"),
        ("---\ntitle: X\nurl: javascript:alert(1)\n---\n", "a.md:3: `url`"),
        ("---\nurl: https://a.b\n---\n", "`title` is missing"),
        ("---\ntitle: X\ndate: soon\n---\n", "a.md:3: `date`"),
    ],
)
def test_an_invitation_with_a_fault_names_its_line(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_invitation(text, "a.md")
    assert expected in str(caught.value)


def test_an_invitation_is_front_matter_and_markdown() -> None:
    text = "\ufeff---\r\ntitle: Chi sei?\r\ngurus: [Ben Casnocha]\r\ndate: 2026-11-02\r\n---\r\n\r\nCiao *tutti*\r\n"
    invitation = parse_invitation(text, "a.md")
    assert (invitation.title, invitation.gurus, invitation.body) == ("Chi sei?", ("Ben Casnocha",), "Ciao *tutti*")
