"""A team and its review app, for tests: people with sessions, browsers as they have them, acts that do nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from tagora.core.clock import Clock
from tagora.core.config import ReviewConfig
from tagora.core.moderators import Role
from tagora.review import people, signing_in
from tagora.review.passwords import Passwords
from tagora.review.web.application import make_app
from tagora.review.web.surroundings import Added, Campaign, Removal, Surroundings, Trouble, Typed, Version
from tagora.storage import moderators
from tagora.storage.store import Store

from .agora import campaign

KEY = b"k" * 32
HOME = "http://127.0.0.1:8001"
PASSWORD = "quattro cavalli sul balcone"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class NoActs:
    """The rest of Tagora, which is not there."""

    in_trouble: tuple[Trouble, ...] = ()
    live_in: timedelta | None = None
    done: list[tuple[str, str]] = field(default_factory=list)

    def removal(self, target: str) -> Removal:
        return Removal(target, 0, 0, 0, 0, ())

    def remove(self, target: str) -> Removal:
        self.done.append(("remove", target))
        return self.removal(target)

    def opt_out(self, account: str, by: str) -> None:
        self.done.append(("opt out", account))

    def add(self, campaign: str, url: str, by: str, typed: Typed | None = None) -> Added:
        self.done.append(("add", url))
        return Added(1, False)

    def versions(self, post_id: int) -> Sequence[Version]:
        return ()

    def troubles(self, language: str) -> Sequence[Trouble]:
        return self.in_trouble

    def until_live(self) -> timedelta | None:
        return self.live_in


@dataclass
class Team:
    """`ids`: of the campaigns, by slug. `settings` may be changed while the app is up."""

    store: Store
    clock: Clock
    app: FastAPI
    ids: Mapping[str, int]
    acts: NoActs
    settings: ReviewConfig

    def person(
        self, name: str, role: Role | None = Role.MODERATOR, *, password: str | None = None, **given: Any
    ) -> int:
        """Somebody of the team; their id. `roles` by campaign slug."""
        roles = {self.ids[slug]: own for slug, own in given.pop("roles", {}).items()}
        with self.store.writing() as connection:
            found, _ = people.add(connection, name, role, self.clock.now(), roles=roles, **given)
            if password is not None:
                people.set_password(connection, found.id, QUICK.hashed(password))
        return found.id

    def browser(self, **headers: str) -> TestClient:
        """A browser, set to English, in which nobody is signed in."""
        headers.setdefault("Accept-Language", "en")
        return TestClient(self.app, base_url=HOME, headers=headers, follow_redirects=False)

    def signed_in(self, name: str, role: Role | None = Role.MODERATOR, **given: Any) -> TestClient:
        """A browser in which this person is signed in (they join the team if need be); it sends the CSRF token."""
        with self.store.reading() as connection:
            found = moderators.by_name(connection, name)
        moderator_id = found.id if found else self.person(name, role, **given)
        with self.store.writing() as connection:
            token = signing_in.start(connection, moderator_id, "a test", self.clock.now()).fresh
        client = self.browser()
        client.cookies.set("tagora_session", token or "", domain="127.0.0.1", path="/")
        client.headers["X-Tagora-CSRF"] = client.get("/api/v1/me").json()["csrf"]
        return client


def team(store: Store, clock: Clock, *slugs: str, acts: NoActs | None = None, **settings: Any) -> Team:
    """The review app of these campaigns ("casnocha" without any)."""
    with store.writing() as connection:
        ids = {slug: campaign(connection, slug) for slug in slugs or ("casnocha",)}
    acts = acts or NoActs()

    def surroundings() -> Surroundings:
        campaigns = tuple(Campaign(ids[slug], slug, slug.capitalize(), ("tag",), "review_first") for slug in ids)
        return Surroundings(store, clock, "Europe/Rome", KEY, "Agora", ("it", "en"), made.settings, campaigns, acts)

    made = Team(store, clock, make_app(surroundings, QUICK), ids, acts, ReviewConfig.model_validate(settings))
    return made
