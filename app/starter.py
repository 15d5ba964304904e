"""The first config.yaml and invitation a campaign gets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from ..core.config import Config

CONTROLLER = "Fill in: who runs this"
CONTACT = "fill-in@example.org"
PAGE = "100000000000000"
FEED = "https://blog.example/feed/"
HANDLE = "you.bsky.social"
TO_WRITE = "Write here what readers are asked, in Markdown."

NETWORKS = {
    "mastodon": "Mastodon (and its family)",
    "x": "X (Twitter)",
    "bluesky": "Bluesky",
    "facebook": "a Facebook Page",
    "feed": "blogs (by their feeds)",
}

_SOURCES = {
    "mastodon": """\
      # Any number of servers; each knows only the posts that reached it. A token is optional on most of them.
      - {platform: mastodon, base_url: "https://mastodon.social"}
      # - {platform: mastodon, base_url: "https://mastodon.uno", token_env: MASTODON_TOKEN}
""",
    "x": """\
      - {platform: x, account: x-main, budget: {usd_per_day: 2}}
""",
    "bluesky": f"""\
      # Searching needs an account and an app password; the session is kept in the file.
      - {{platform: bluesky, handle: {HANDLE}, app_password_env: BLUESKY_APP_PASSWORD,
         session_file: var/bluesky.session}}
""",
    "facebook": f"""\
      # The Page's number, and a Page token: `tagora connect facebook` makes a lasting one.
      - {{platform: facebook, page: "{PAGE}", token_env: FACEBOOK_PAGE_TOKEN, authors: initials}}
""",
    "feed": f"""\
      # One line for each feed: RSS, Atom or JSON Feed. `filter: none` takes all of it.
      - {{platform: feed, url: "{FEED}"}}
""",
}
_ACCOUNTS = """\

accounts:
  # The key stands in the environment variable, never here. Reading costs money: the ceiling is never passed.
  x-main: {platform: x, bearer_token_env: X_BEARER_TOKEN, budget: {usd_per_month: 30}}
"""


@dataclass(frozen=True, slots=True)
class Answers:
    tag: str
    slug: str
    article: str | None
    networks: tuple[str, ...]
    controller: str | None
    contact: str | None
    today: date


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string


def config_text(answers: Answers) -> str:
    """A config.yaml that loads, with a word of explanation beside what a person must fill in."""
    sources = "".join(_SOURCES[name] for name in NETWORKS if name in answers.networks)
    controller = _quoted(answers.controller or CONTROLLER)
    contact = _quoted(answers.contact or CONTACT)
    return f"""\
# Tagora's configuration. All settings: docs/settings.md. After a change: tagora check
store: sqlite:///var/tagora.db            # or postgresql+psycopg://user@host/database
contact: {contact}  # whom a network may write to
timezone: Europe/Rome
legal:                                    # shown on the page "About this collection"
  controller: {controller}
  contact: {contact}
  privacy_url: null
site:
  out: var/site
  base_url: "http://127.0.0.1:8000/"      # the address the site will have
  title: {_quoted("#" + answers.tag)}
  languages: [it, en]
{_ACCOUNTS if "x" in answers.networks else ""}
campaigns:
  - slug: {answers.slug}
    hashtags: [{answers.tag}]
    invitation: invitations/{answers.slug}.md
    openers: []                           # addresses of your own posts that ask the question
    policy: review_first                  # or publish_first
    conversation: full                    # or tagged
    sources:
{sources}"""


def invitation_text(answers: Answers) -> str:
    """An invitation to fill in."""
    url = f"url: {_quoted(answers.article)}" if answers.article else "# url: https://example.org/the-article"
    return f"""\
---
title: {_quoted("What do you think? Tell us with #" + answers.tag)}
{url}
gurus: []                                 # the people the article is about
# author: who wrote it
# content_type: Interview
language: en
date: {answers.today.isoformat()}
---

{TO_WRITE}
"""


def unfilled(config: Config) -> list[str]:
    """The keys that hold what `config_text` put there for want of an answer."""
    legal = config.legal
    found = {
        "contact": config.contact == CONTACT,
        "legal.controller": legal is not None and legal.controller == CONTROLLER,
        "legal.contact": legal is not None and legal.contact == CONTACT,
    }
    keys = [key for key, left in found.items() if left]
    for campaign in config.campaigns:
        for source in campaign.sources:
            for key, left in (("page", PAGE), ("url", FEED), ("handle", HANDLE)):
                if source.enabled and source.options.get(key) == left:
                    keys.append(f"{campaign.slug}: the {key} of {source.platform}")
    return keys
