"""What becomes of faults, and of secrets meanwhile."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from ...core.errors import CollectorError
from ..contract import (  # fmt: skip
    Cursor,
)
from .bench import MAX_PAGES, Bench, Fault, seen, walk


def _raised(bench: Bench, fault: Fault) -> BaseException | None:
    """What a walk over the broken server raises; the first page comes before a repeated one."""
    with bench.open() as fetch, bench.fault(fault):
        try:
            for number, _ in enumerate(fetch(bench.queries[0], Cursor())):
                if number >= MAX_PAGES:
                    return AssertionError(f"still walking after {MAX_PAGES} pages")
        except Exception as error:
            return error
    return None


def each_fault_becomes_the_error_that_names_its_recovery(bench: Bench) -> None:
    """401 to a person, 429 to a pause, 5xx to another try: see EXPECTED."""
    wrong = []
    for fault in Fault:
        wanted = bench.errors_for(fault)
        if not wanted:
            continue
        error = _raised(bench, fault)
        if not isinstance(error, wanted):
            names = " or ".join(kind.__name__ for kind in wanted)
            wrong.append(f"{fault.value}: wanted {names}, got {error!r}")
            continue
        until = getattr(error, "until", None)
        if until is not None and (not isinstance(until, datetime) or until.utcoffset() != timedelta(0)):
            wrong.append(f"{fault.value}: until is {until!r}, not an aware UTC time")
        if fault is Fault.RATE_LIMITED and until is None:
            wrong.append(f"{fault.value}: the reset time was not understood")
        if not str(error).strip():
            wrong.append(f"{fault.value}: the error says nothing")
    assert not wrong, "\n".join(wrong)


def after_a_fault_the_same_session_works(bench: Bench) -> None:
    """A fault leaves nothing behind in the session."""
    query = bench.queries[0]
    whole = seen(walk(bench, query))
    with bench.open() as fetch:
        with bench.fault(Fault.SERVER_ERROR), contextlib.suppress(CollectorError):
            list(fetch(query, Cursor()))
        try:
            again = seen(list(fetch(query, Cursor())))
        except CollectorError as error:
            raise AssertionError(f"the network is well again, the session still says: {error}") from error
    assert again == whole, "the network is well again, the session gives other posts"


@contextlib.contextmanager
def _everything_said() -> Iterator[Callable[[], str]]:
    """All log records at every level, whatever is printed, as one text."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            yield out.getvalue
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def no_secret_is_told_to_anybody(bench: Bench) -> None:
    """No key stands in a log record of any level, on the terminal, in an error with its causes, a Raw or a cursor."""
    secrets = [value for value in bench.secrets.values() if value]
    told: dict[str, str] = {}
    with _everything_said() as said:
        pages = [page for query in bench.queries for page in walk(bench, query)]
        for fault in Fault:
            if bench.errors_for(fault):
                error = _raised(bench, fault)
                if error is not None:
                    told[f"the error of {fault.value}"] = "".join(traceback.format_exception(error)) + repr(error)
        told["the log"] = said()
    for page in pages:
        told["a cursor"] = told.get("a cursor", "") + json.dumps(page.cursor.to_json() if page.cursor else None)
        for raw in page.items:
            told["a Raw"] = told.get("a Raw", "") + json.dumps([raw.body, raw.context, raw.endpoint, raw.seen_as])
    for secret in secrets:
        places = [place for place, text in told.items() if secret in text]
        assert not places, f"a key stands in {', '.join(places)}"
