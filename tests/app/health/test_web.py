"""/healthz says whether the process lives, /metrics shows numbers to those who may see them and words to nobody."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tagora.app.health.pulse import Pulse
from tagora.app.health.web import Watched, Watching
from tagora.app.reviewing import surroundings
from tagora.app.workplace import Workplace, open_workplace
from tagora.core.clock import ManualClock, SystemClock
from tagora.review.web.application import make_app
from tagora.sandbox import Sandbox, Script

from ...folder import Folder
from ..conftest import MINUTE

LOCAL = "http://127.0.0.1:8001"


@pytest.fixture(scope="module")
def collected(few: Script, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Folder, Sandbox]]:
    """A campaign with posts of X, asked within a budget, and a site."""
    with Sandbox(few, now=MINUTE) as box, pytest.MonkeyPatch.context() as patch:
        clock = ManualClock(box.now)
        patch.setattr(SystemClock, "now", lambda _self: clock.now())
        mine = Folder.of(tmp_path_factory.mktemp("watched") / "campaign", box, only=("x",))
        assert mine("collect", "--once").status == 0 and mine("build").status == 0
        yield mine, box


@pytest.fixture
def place(collected: tuple[Folder, Sandbox], tmp_path: Path) -> Iterator[Workplace]:
    mine, box = collected
    copy = shutil.copytree(mine.path, tmp_path / "campaign")
    with open_workplace(copy / "config.yaml", ManualClock(box.now)) as opened:
        yield opened


@pytest.fixture
def tokens(collected: tuple[Folder, Sandbox]) -> str:
    return collected[1].tokens.x


def client(
    place: Workplace, base: str = LOCAL, by: str = "127.0.0.1", still: Callable[[], str | None] = lambda: None
) -> TestClient:
    app = Watching(make_app(lambda: surroundings(place)), Watched(lambda: place, still))
    return TestClient(app, base_url=base, client=(by, 50000))


def with_token(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    from dataclasses import replace

    monkeypatch.setenv("METRICS_TOKEN", "a-token-of-the-test")
    config = place.loaded.config
    review = config.review.model_copy(update={"metrics_token_env": "METRICS_TOKEN"})
    return replace(place, loaded=replace(place.loaded, config=config.model_copy(update={"review": review})))


def test_while_all_is_well_healthz_says_so_to_anybody(place: Workplace) -> None:
    answer = client(place, "http://somewhere.example", "203.0.113.7").get("/healthz")
    assert (answer.status_code, answer.text) == (200, "well\n")
    assert answer.headers["cache-control"] == "no-store"


def test_a_schedule_that_stands_still_is_said_with_503(place: Workplace) -> None:
    answer = client(place, still=lambda: "_collect").get("/healthz")
    assert answer.status_code == 503 and "start `tagora run` again" in answer.text


def test_a_store_that_cannot_be_reached_is_said_with_503_and_without_its_address(place: Workplace) -> None:
    file = place.store.path
    assert file is not None
    place.store.close()
    file.unlink()
    for extra in file.parent.glob(f"{file.name}-*"):
        extra.unlink()
    file.mkdir()
    answer = client(place).get("/healthz")
    assert answer.status_code == 503 and "the store cannot be reached" in answer.text
    assert str(file) not in answer.text
    assert client(place).get("/metrics").status_code == 503


def test_a_clockwork_is_silent_only_when_a_quick_job_does_not_come_to_its_end() -> None:
    seconds = [0.0]
    pulse = Pulse(lambda: seconds[0])
    assert pulse.stands_still() is None, "it has only begun"
    for _ in range(600):
        seconds[0] += 1
        pulse.beat("_live")
        pulse.beat("_collect")
    assert pulse.stands_still() is None, "a build may take its time"
    seconds[0] += 100
    pulse.beat("_live")
    assert pulse.stands_still() is None
    seconds[0] += 30
    assert pulse.stands_still() == "_collect"


def test_metrics_tell_how_everything_fares(place: Workplace) -> None:
    answer = client(place).get("/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }
    assert told["tagora_runs_total", "talk/x"] == 1 and told["tagora_run_errors_total", "talk/x"] == 0
    assert told["tagora_requests_total", "talk/x"] > 0
    assert told["tagora_spent_usd_total", "talk/x"] == told["tagora_budget_used", "day", "usd", "x-main"] > 0
    assert told["tagora_budget_ceiling", "day", "usd", "x-main"] == 50
    assert told["tagora_posts", "talk", "approved"] == told["tagora_posts_collected_total", "talk/x"] > 0
    assert told["tagora_waiting", "talk"] == 0 and told["tagora_run_at_work",] == 0
    now = place.clock.now().timestamp()
    assert told["tagora_last_success_timestamp_seconds", "talk/x"] == pytest.approx(now, abs=60)
    assert told["tagora_build_seconds",] > 0 and told["tagora_site_behind_seconds",] == 0
    assert told["tagora_disk_free_bytes", "store"] > 0


def test_every_metric_is_documented_by_its_name(place: Workplace) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "watching.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(tagora_\w+)`", page))
    exposed = set(re.findall(r"^# TYPE (tagora_\w+) ", client(place).get("/metrics").text, re.M))
    assert exposed == documented


def test_metrics_hold_nothing_that_anybody_wrote(place: Workplace, tokens: str) -> None:
    page = client(place).get("/metrics").text
    with place.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT text, handle FROM post LEFT JOIN author ON author.id = author_id")
        said = [part for row in rows for part in row if part]
    assert len(said) > 3 and not [part for part in said if part in page]
    assert tokens not in page


@pytest.mark.parametrize(
    ("base", "by", "headers"),
    [
        ("http://review.example.org", "127.0.0.1", {}),  # a page whose name was made to lead here
        (LOCAL, "203.0.113.7", {}),  # somebody who only says to be here
        (LOCAL, "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}),  # through a proxy of ours
        (LOCAL, "127.0.0.1", {"Forwarded": "for=203.0.113.7"}),
    ],
)
def test_without_a_token_only_this_machine_sees_metrics(
    place: Workplace, base: str, by: str, headers: dict[str, str]
) -> None:
    answer = client(place, base, by).get("/metrics", headers=headers)
    assert answer.status_code == 403 and "tagora_" not in answer.text


def test_with_a_token_who_shows_it_sees_metrics_from_wherever_and_nobody_else_does(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = with_token(place, monkeypatch)
    outside = client(guarded, "http://tagora:8001", "172.18.0.5")
    assert outside.get("/metrics", headers={"Authorization": "Bearer a-token-of-the-test"}).status_code == 200
    for wrong in ("Bearer another", "Bearer ", "a-token-of-the-test", "Bearer a-token-of-the-testé".encode("latin-1")):
        assert outside.get("/metrics", headers={"Authorization": wrong}).status_code == 403
    assert client(guarded).get("/metrics").status_code == 403, "nor does this machine"
    monkeypatch.delenv("METRICS_TOKEN")
    assert outside.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_everything_else_is_the_review_apps(place: Workplace) -> None:
    assert client(place).get("/", follow_redirects=False).status_code in (303, 307)
    assert client(place).post("/healthz").status_code in (404, 405)
    assert client(place, "http://elsewhere.example").get("/").status_code == 421


def test_a_token_in_the_configuration_itself_is_refused(tmp_path: Path) -> None:
    from tagora.app.config_file import load
    from tagora.core.errors import ConfigError

    file = tmp_path / "config.yaml"
    file.write_text("review: {metrics_token: abc}")
    with pytest.raises(ConfigError, match="`metrics_token` must not stand in the configuration"):
        load(file)
