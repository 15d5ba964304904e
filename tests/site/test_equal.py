"""Whatever happens between builds, the site is what a clean build would make of the store, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, update

from tagora.core.invitation import Invitation
from tagora.presentation.posts import Showing
from tagora.site import build as build_module
from tagora.site import parts
from tagora.site.build import build
from tagora.site.look.own import Look
from tagora.site.pictures.folder import PictureFolder
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.site.workers import Moment, in_processes
from tagora.storage import publishable
from tagora.storage import tables as t
from tagora.storage.migrate import migrate
from tagora.storage.policy import set_publishing
from tagora.storage.store import Store, open_store
from tagora.storage.transparency import Counts, Noted, note

from ..make import NOON
from ..pictures import copied, medium
from ..site_store import Filler

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
COPIES = {"s": Showing(pictures="copy")}
CAMPAIGNS = [
    CampaignInfo("one", ("one",), Invitation("Una", "Testo.", language="it"), sources=COPIES),
    CampaignInfo("two", ("two",), Invitation("Two", "Text.", language="en"), sources=COPIES),
]
OWN = Look(
    "look",
    templates=(("thread.html", "{% extends 'shipped/thread.html' %}{% block head %}a line of ours{% endblock %}"),),
)


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


class Changes(RuleBasedStateMachine):
    """Posts come, are edited, decided on, featured, deleted, forgotten; threads get other addresses."""

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__()
        self.store, self.folder = store, folder
        self.settings = SiteSettings(
            folder / "site", "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome", pictures=folder / "pictures"
        )
        self.posts: list[int] = []
        self.pictured: dict[int, str] = {}
        self.numbers = 0
        self.told = False
        with store.writing() as connection:
            self.filler = Filler(connection)
            self.campaigns, self.sources = [], []
            for slug in ("one", "two"):
                self.campaigns.append(self.filler.campaign(slug))
                self.sources.append(self.filler.source("s"))

    @rule(data=st.data(), campaign=st.integers(0, 1), status=st.sampled_from(["approved", "approved", "pending"]))
    def a_post_comes(self, data: st.DataObject, campaign: int, status: str) -> None:
        above = data.draw(st.sampled_from([None, *self.posts]))
        quoted = data.draw(st.sampled_from([None, *self.posts]))
        gap = data.draw(st.sampled_from([None, None, None, "deleted"]))
        with self.store.writing() as connection:
            self.numbers += 1
            self.filler.connection = connection
            self.filler.campaign_id = self.campaigns[campaign]
            minutes = -self.numbers * 20_000 % 200_000
            text = f"words {self.numbers}"
            name = str(self.numbers)
            picture = data.draw(st.sampled_from([None, "sea", "hill"]))
            post = self.filler.post(
                name,
                text,
                reply_to=above,
                quote_id=quoted,
                gap=gap,
                status=status,
                minutes=minutes,
                replies=1,
                media=(medium(picture),) if picture and not gap else (),
                source_id=self.sources[campaign],
            )
            if picture and not gap:
                self.pictured[post] = picture
            self.posts.append(post)
            self.filler.done()

    @precondition(lambda self: self.posts)
    @rule(
        data=st.data(),
        what=st.sampled_from(["edit", "approve", "reject", "delete", "forget", "feature", "move", "doubt"]),
    )
    def something_happens(self, data: st.DataObject, what: str) -> None:
        post = data.draw(st.sampled_from(self.posts))
        with self.store.writing() as connection:
            self.numbers += 1
            self.filler.connection = connection
            membership = update(t.campaign_post).where(t.campaign_post.c.post_id == post)
            if what == "edit":
                self.filler.change(post, text=f"edited {self.numbers}", content_hash=f"e{self.numbers}", edited_at=NOON)
            elif what == "approve":
                hash_ = t.post.c.content_hash
                current = t.post.select().with_only_columns(hash_).where(t.post.c.id == post).scalar_subquery()
                connection.execute(membership.values(status="approved", decided_hash=current))
            elif what == "reject":
                connection.execute(membership.values(status="rejected"))
            elif what == "feature":
                connection.execute(membership.values(featured=True))
            elif what == "delete":
                self.filler.change(post, gone="deleted")
            elif what == "doubt":
                self.filler.change(post, doubt=data.draw(st.sampled_from(["overdue", "omitted", None])))
            elif what == "forget":
                self.filler.change(post, gone="forgotten", text=None, url=None, author_id=None)
            else:
                of = t.post.select().with_only_columns(t.post.c.thread_id).where(t.post.c.id == post).scalar_subquery()
                connection.execute(update(t.thread).where(t.thread.c.id == of).values(address=f"moved{self.numbers}"))
            self.filler.touched(post)
            self.filler.done()

    @precondition(lambda self: self.pictured)
    @rule(data=st.data(), there=st.sampled_from([True, True, False]))
    def a_picture_is_copied_or_lost(self, data: st.DataObject, there: bool) -> None:
        post = data.draw(st.sampled_from(sorted(self.pictured)))
        with self.store.writing() as connection:
            self.filler.connection = connection
            copied(connection, PictureFolder(self.folder / "pictures"), post, self.pictured[post])
            if not there:
                connection.execute(delete(t.picture).where(t.picture.c.post_id == post))
            self.filler.touched(post)
            self.filler.done()

    @rule(campaign=st.integers(0, 1), on=st.booleans())
    def publishing_is_switched(self, campaign: int, on: bool) -> None:
        with self.store.writing() as connection:
            set_publishing(connection, self.campaigns[campaign], on)

    @precondition(lambda self: not self.told)
    @rule(campaign=st.integers(0, 1), number=st.integers(0, 9))
    def the_days_counts_are_noted(self, campaign: int, number: int) -> None:
        self.told = True
        counts = Counts(collected=number, rejected_by_rules=1, reasons={"": 1, "spam": 2})
        with self.store.writing() as connection:
            words = {"spam": {"it": "Spam", "en": "Spam"}}
            note(connection, self.campaigns[campaign], Noted(NOON.date(), counts, words))

    @rule(full=st.booleans())
    def the_site_is_built(self, full: bool) -> None:
        assert build(self.store, self.settings, CAMPAIGNS, full=full, now=NOON).failures == ()

    @precondition(lambda self: self.numbers % 3 == 0)
    @invariant()
    def it_equals_a_clean_build(self) -> None:
        build(self.store, self.settings, CAMPAIGNS, now=NOON)
        again = build(self.store, self.settings, CAMPAIGNS, now=NOON)
        assert (again.written, again.same_bytes, again.removed) == (0, 0, 0)
        with tempfile.TemporaryDirectory(dir=self.folder) as clean:
            other = replace(self.settings, out=Path(clean) / "site")
            build(self.store, other, CAMPAIGNS, now=NOON)
            assert files(self.settings.out) == files(other.out)


def test_incremental_builds_equal_clean_ones(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, least in {"MOST": 3, "LEAST": 1, "BRANCH": 2, "FAN": 2, "STEPS": 2, "FEW": 1}.items():
        monkeypatch.setattr(parts, name, least)  # a handful of posts is a long discussion

    def machine() -> Changes:
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        (folder / "store.db").write_bytes(sqlite_template.read_bytes())
        return Changes(open_store(f"sqlite:///{folder}/store.db"), folder)

    run_state_machine_as_test(
        machine,  # pyright: ignore[reportArgumentType] - any callable that makes one will do
        settings=settings(max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=SLOW),
    )


def test_incremental_builds_equal_clean_ones_on_postgresql(postgres_store: Store, tmp_path: Path) -> None:
    run_state_machine_as_test(
        lambda: Changes(postgres_store, Path(tempfile.mkdtemp(dir=tmp_path))),  # pyright: ignore[reportArgumentType]
        settings=settings(max_examples=1, stateful_step_count=15, deadline=None, suppress_health_check=SLOW),
    )


@pytest.mark.processes
def test_two_processes_make_what_one_makes(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(publishable, "BATCH", 3)
    with store.writing() as connection:
        filler = Filler(connection)
        filler.campaign("one")
        for number in range(10):
            filler.post(f"a{number}", reply_to=filler.post(f"r{number}"), by=f"b{number}")
        filler.done()
    whole, done = build_module.in_processes, []

    def watched(*arguments: Any) -> Iterator[Any]:
        for batch, what in whole(*arguments):
            done.append(what)
            yield batch, what

    monkeypatch.setattr(build_module, "in_processes", watched)
    made = []
    for processes in (1, 2):
        out = tmp_path / f"site{processes}"
        settings_ = SiteSettings(out, "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome", look=OWN)
        report = build(store, settings_, CAMPAIGNS, processes=processes, now=NOON)
        made.append((report.written, report.failures, files(out)))
    assert made[0] == made[1]
    assert sum(b"a line of ours" in content for content in made[0][2].values()) == 10, "workers know the look"
    assert len(done) == 4 and any(done)


@pytest.mark.processes
def test_what_dead_workers_leave_undone_is_left_to_the_build(tmp_path: Path) -> None:
    settings_ = SiteSettings(tmp_path / "site", "https://example.org/", "Agorà", ("it",), "Europe/Rome")
    batches = [("one", [number]) for number in range(9)]
    made = list(in_processes(3, "no store at all", settings_, CAMPAIGNS, Moment(0, {}), batches))
    assert sorted(made) == [(batch, None) for batch in batches]


SCRIPT = """
import sys
from pathlib import Path
from datetime import datetime, UTC
from tagora.core.invitation import Invitation
from tagora.site.build import build
from tagora.site.look.own import Look
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.store import open_store
settings = SiteSettings(Path(sys.argv[2]), "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome")
campaigns = [CampaignInfo("one", ("one",), Invitation("Una", "Testo.", language="it"))]
print(build(open_store(sys.argv[1]), settings, campaigns, now=datetime(2026, 11, 23, 12, tzinfo=UTC)).written)
"""


@pytest.mark.processes
def test_the_seed_of_hashes_leaves_no_trace(sqlite_store: Store, tmp_path: Path) -> None:
    migrate(sqlite_store)
    with sqlite_store.writing() as connection:
        filler = Filler(connection)
        filler.campaign("one")
        for number in range(6):
            root = filler.post(f"r{number}", origin=("x", "facebook", "activitypub")[number % 3])
            filler.post(f"a{number}", reply_to=root, by=f"b{number}", edited_at=NOON + timedelta(minutes=1))
        filler.done()
    seen = []
    for seed in ("1", "2"):
        out = tmp_path / f"site{seed}"
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, f"sqlite:///{sqlite_store.path}", str(out)]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
        seen.append(files(out))
    assert seen[0] == seen[1]
