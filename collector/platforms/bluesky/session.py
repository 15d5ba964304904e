"""The signed-in session, kept between runs: in a file that only its owner can read, or in this process's memory. Never
in the store, which is copied and exported.

A service counts sign-ins by the day, so the moments of the last day's are kept beside the tokens.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ....core.errors import ConfigError, RateLimited

DAY = timedelta(days=1)
MAX_BYTES = 100_000
_in_memory: dict[str, Held] = {}


@dataclass(frozen=True, slots=True)
class Held:
    """`access` opens every question for some hours, `refresh` makes a new pair once. `logins`: when an app password
    was used within the last day (ISO times)."""

    access: str | None = field(default=None, repr=False)
    refresh: str | None = field(default=None, repr=False)
    logins: tuple[str, ...] = ()

    def may_log_in(self, limit: int, now: datetime) -> None:
        """Raises RateLimited when the account has signed in too often within a day."""
        recent = self._recent(now)
        if len(recent) >= limit:
            raise RateLimited(
                f"The account has signed in {len(recent)} times within a day, which is what logins_per_day allows.",
                "Set session_file, so that the session outlives the process.",
                until=datetime.fromisoformat(recent[-limit]) + DAY,
            )

    def logging_in(self, now: datetime) -> Held:
        """As it is kept before the app password is used: the try counts, whatever becomes of it."""
        return Held(logins=(*self._recent(now), now.isoformat()))

    def renewed(self, access: str, refresh: str) -> Held:
        return Held(access, refresh, self.logins)

    def without_access(self) -> Held:
        return Held(None, self.refresh, self.logins)

    def without_tokens(self) -> Held:
        return Held(logins=self.logins)

    def _recent(self, now: datetime) -> list[str]:
        return sorted(moment for moment in self.logins if datetime.fromisoformat(moment) > now - DAY)


class Keeper:
    """Reads and writes what is held for one account at one service. Changing the app password begins anew."""

    def __init__(self, path: Path | None, service: str, handle: str, password: str) -> None:
        told = "\n".join((service, handle, password))
        self._owner = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
        self._path = path

    def read(self) -> Held:
        """What is held; nothing where the file is missing, damaged or another account's."""
        if self._path is None:
            return _in_memory.get(self._owner, Held())
        try:
            with self._path.open("rb") as file:
                data = json.loads(file.read(MAX_BYTES))
        except (OSError, ValueError):
            return Held()
        return _held(data) if isinstance(data, dict) and data.get("account") == self._owner else Held()

    def write(self, held: Held) -> None:
        """Raises ConfigError when the file cannot be written."""
        if self._path is None:
            _in_memory[self._owner] = held
            return
        text = json.dumps({"account": self._owner, **asdict(held)})
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)  # made with 0600
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    file.write(text)
                os.replace(name, self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise ConfigError(
                f"the session file {self._path} cannot be written: {error.strerror}",
                "Name another with session_file, or leave it out.",
            ) from None


def _held(data: dict[str, Any]) -> Held:
    access, refresh, logins = data.get("access"), data.get("refresh"), data.get("logins")
    try:
        moments = tuple(logins) if isinstance(logins, list) else ()
        if any(datetime.fromisoformat(moment).tzinfo is None for moment in moments):
            return Held()
    except (TypeError, ValueError):
        return Held()
    return Held(access if isinstance(access, str) else None, refresh if isinstance(refresh, str) else None, moments)
