"""A campaign's folder as a person would have it: config.yaml, keys, store and site, and the commands called in it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tagora.app.cli import main
from tagora.sandbox import Sandbox

INVITATION = """\
---
title: What kind of networker are you?
url: https://www.example.org/articoli/che-tipo-di-networker-sei
language: it
date: 2026-11-02
---

Tell us.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed and the status it ended with."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def tagora(*arguments: str | Path) -> Answer:
    """Calls the command line in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    status = -1
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else -1
    told = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return Answer(status, *told)


class Folder:
    """`config` may be changed and written again with `write`."""

    def __init__(self, path: Path, config: dict[str, Any]) -> None:
        self.path = path
        self.config = config
        path.mkdir(parents=True, exist_ok=True)
        (path / "invitation.md").write_text(INVITATION, encoding="utf-8")
        self.write()

    @classmethod
    def of(
        cls,
        path: Path,
        box: Sandbox,
        *,
        only: Sequence[str] = ("mastodon", "x", "facebook"),
        pictures: bool = False,
        **changes: Any,
    ) -> Folder:
        """One that collects the networks of this box; `changes` go into its campaign. Without `pictures` none are
        copied: to ask a host for the next one waits for a second."""
        homes = {server.host: box.fediverse_url(server.host) for server in box.script.servers}
        sources: list[dict[str, Any]] = [
            {"platform": "mastodon", "name": host, "base_url": url, "token_file": f"{host}.key", "homes": homes}
            for host, url in homes.items()
        ]
        sources.append({"platform": "x", "account": "x-main"})
        sources += [
            {"platform": "facebook", "page": page.id, "base_url": box.graph_url, "token_file": f"{page.id}.key"}
            for page in box.script.pages
        ]
        sources.append(
            {
                "platform": "bluesky",
                "base_url": box.bluesky_url,
                "public_base_url": box.bluesky_public_url,
                "handle": box.tokens.bluesky.handle,
                "app_password_file": "bluesky.key",
                "session_file": "bluesky.session",
            }
        )
        sources += [
            {"platform": "feed", "url": f"https://{blog.host}/feed/", "homes": box.blog_homes}
            for blog in box.script.blogs
        ]
        if not pictures:
            sources = [one | {"pictures": "none"} for one in sources]
        campaign = {
            "slug": "talk",
            "hashtags": [box.script.tag],
            "invitation": "invitation.md",
            "policy": "publish_first",
            "sources": [one for one in sources if one["platform"] in only],
        }
        account = {"platform": "x", "base_url": box.x_url, "bearer_token_file": "x.key", "budget": {"usd_per_day": 50}}
        folder = cls(
            path,
            {
                "store": "sqlite:///tagora.db",
                "secret_file": "withdrawals.key",
                "contact": "team@example.org",
                "timezone": "Europe/Rome",
                "legal": {"controller": "Fondazione Esempio", "contact": "privacy@example.org"},
                "review": {"port": 0},  # whichever is free: many run at once
                "site": {
                    "out": "site",
                    "base_url": "https://example.org/agora/",
                    "title": "Agorà",
                    "languages": ["it", "en"],
                    "search": False,  # but where it is meant: each build would call Pagefind
                },
                "accounts": {"x-main": account},
                "campaigns": [campaign | changes],
            },
        )
        for name, key in keys(box).items():
            (path / name).write_text(key, encoding="utf-8")
        return folder

    @property
    def file(self) -> Path:
        return self.path / "config.yaml"

    @property
    def campaign(self) -> dict[str, Any]:
        return self.config["campaigns"][0]

    def write(self) -> None:
        text = yaml.safe_dump(self.config, allow_unicode=True, sort_keys=False)
        self.file.write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str | Path) -> Answer:
        """`tagora -c config.yaml …` in this process."""
        return tagora("-c", self.file, *arguments)

    def site(self) -> dict[str, bytes]:
        """Every file of the site, by its path."""
        return contents(self.path / self.config["site"]["out"])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def keys(box: Sandbox) -> dict[str, str]:
    """The files of keys for everything in the box."""
    return {
        "x.key": box.tokens.x,
        "bluesky.key": box.tokens.bluesky.app_password,
        **{f"{host}.key": tokens.user for host, tokens in box.tokens.fediverse.items()},
        **{f"{page}.key": token for page, token in box.tokens.facebook.pages.items()},
    }
