"""Every error Tagora raises on purpose. Each branch says how to recover.

    TagoraError                one sentence: what, where, what to do
      ConfigError              stop, name the file, line and key             (exit status 2)
      UsageError               the command was called wrongly                (exit status 2)
      StoreError               the store cannot be opened or written         (exit status 3)
        StoreLocked            another process holds it; say which
        StoreTooNew            a later version of this program made it
        StoreDamaged           its file is broken: restore a copy
        StoreFull              there is no space left where it stands
      BuildError               the site could not be written         (exit status 3)
      PublishError             the site could not be brought to where readers find it
      CollectorError           a network did not give what was asked
        AuthError              disable the source, tell a person
        QueryRefused           disable the source, tell a person
        RateLimited            end the run, go on at `until`
        OutOfBudget            end the run until the budget's period ends
        Temporary              back off and try again
        Gone                   this one thing is not there (deleted, private, never was)
        BadItem                keep going without this item, count it

A CollectorError never carries a token: adapters build its text from their own words.
"""

from __future__ import annotations

from datetime import datetime


class TagoraError(Exception):
    """Base of all. `message` says what happened and where, `hint` what to do about it."""

    exit_status = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        stop = "" if self.message.endswith((".", "!", "?")) else "."
        return f"{self.message}{stop} {self.hint}".strip()


class ConfigError(TagoraError):
    """Something in config.yaml (or a file it names) is wrong. `where` is "file:line" or "file: key"."""

    exit_status = 2

    def __init__(self, message: str, hint: str = "", *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message, hint)
        self.where = where


class UsageError(TagoraError):
    """A command was given arguments that make no sense together."""

    exit_status = 2


class StoreError(TagoraError):
    """The store cannot be opened, read or written."""


class StoreLocked(StoreError):
    """Another process holds what this one needs."""


class StoreTooNew(StoreError):
    """A later version of this program made it, or brought it to its form."""


class StoreDamaged(StoreError):
    """Its file is no database (any more), or a part of it cannot be read."""


class StoreFull(StoreError):
    """There is no space left on its disk."""


class BuildError(TagoraError):
    """The site could not be written. (Single pages that fail are told in the build's report.)"""


class PublishError(TagoraError):
    """The site could not be brought to where readers find it. (Single files that fail are told in the outcome.)"""


class CollectorError(TagoraError):
    """A network did not give what was asked. Subclasses name the recovery."""

    exit_status = 1


class AuthError(CollectorError):
    """The key is wrong, expired or lacks a right: a person must act, asking again will not help."""


class QueryRefused(CollectorError):
    """The network understands the key but not the question (a query it will never answer): a person must change
    the source's settings, asking again will not help."""


class RateLimited(CollectorError):
    """The network wants a pause. `until` is when to go on (aware UTC), None when it did not say."""

    def __init__(self, message: str, hint: str = "", *, until: datetime | None = None) -> None:
        super().__init__(message, hint)
        self.until = until


class OutOfBudget(CollectorError):
    """Our own ceiling, or the network's credits or cap, is reached. `until` is when the period ends, if known."""

    def __init__(self, message: str, hint: str = "", *, until: datetime | None = None) -> None:
        super().__init__(message, hint)
        self.until = until


class Temporary(CollectorError):
    """A passing fault (time-out, 5xx, cut or senseless answer): back off and try again."""


class Gone(CollectorError):
    """The one thing asked for is not there for us: deleted, private, or never was. The walk goes on without it."""


class BadItem(CollectorError):
    """One item cannot be understood. The others go on; the item is counted."""
