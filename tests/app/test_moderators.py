"""`tagora moderators`, from a folder with a config.yaml to what it prints."""

from __future__ import annotations

import re

from tagora.core.moderators import Role
from tagora.review import people
from tagora.storage.store import open_store

from ..folder import Folder


def listed(folder: Folder) -> dict[str, dict[str, object]]:
    return {one["name"]: one for one in folder("moderators", "list", "--json").json["moderators"]}


def test_somebody_is_added_with_a_link_that_lets_them_in(lonely: Folder, now: object) -> None:
    lonely.config["review"] = {"public_url": "https://review.example.org"}
    lonely.write()
    assert "nobody yet" in lonely("moderators", "list").out

    answer = lonely("moderators", "add", "La Talpa", "--role", "admin", "--languages", "it,en", "--mail", "a@b.example")

    assert answer.status == 0
    link = re.search(r"https://review\.example\.org/invite/([\w-]{40,})$", answer.out.strip())
    assert link
    store = open_store(f"sqlite:///{lonely.path / 'tagora.db'}")
    with store.reading() as connection:
        found = people.invited(connection, link[1], now.now())  # type: ignore[attr-defined]
    store.close()
    assert (found.name, found.role, found.languages, found.mail) == (
        "La Talpa",
        Role.ADMIN,
        ("it", "en"),
        "a@b.example",
    )
    assert "La Talpa  admin  it, en  invited  never signed in" in lonely("moderators", "list").out


def test_roles_are_given_everywhere_or_in_a_campaign(lonely: Folder, now: object) -> None:
    assert lonely("moderators", "add", "Anna").status == 0
    assert lonely("moderators", "add", "Bert", "--role", "viewer", "--campaign", "talk", "--json").json["link"]
    assert listed(lonely)["Anna"]["role"] == "moderator"
    assert (listed(lonely)["Bert"]["role"], listed(lonely)["Bert"]["roles"]) == (None, {"talk": "viewer"})

    assert lonely("moderators", "role", "anna", "admin", "--campaign", "talk").status == 0
    assert lonely("moderators", "role", "bert", "moderator").status == 0
    assert lonely("moderators", "role", "bert", "none", "--campaign", "talk").status == 0
    assert (listed(lonely)["Anna"]["role"], listed(lonely)["Anna"]["roles"]) == ("moderator", {"talk": "admin"})
    assert (listed(lonely)["Bert"]["role"], listed(lonely)["Bert"]["roles"]) == ("moderator", {})


def test_people_are_disabled_enabled_and_given_new_links(lonely: Folder, now: object) -> None:
    lonely("moderators", "add", "Anna")
    assert lonely("moderators", "disable", "Anna").status == 0
    assert listed(lonely)["Anna"]["disabled_at"]
    refused = lonely("moderators", "password", "Anna")
    assert refused.status == 2 and "disabled" in refused.err
    assert lonely("moderators", "enable", "Anna").status == 0
    assert "/invite/" in lonely("moderators", "password", "Anna").out


def test_wrong_names_are_answered_with_what_to_do(lonely: Folder, now: object) -> None:
    for arguments, words in (
        (("add", "rule"), "cannot be a moderator's name"),
        (("add", "Anna", "--campaign", "nothing"), "no campaign"),
        (("disable", "Nobody"), "tagora moderators list"),
    ):
        answer = lonely("moderators", *arguments)
        assert answer.status == 2 and words in answer.err, arguments
