"""Passwords: what one must be, and how it is kept (argon2id, https://www.rfc-editor.org/rfc/rfc9106)."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..core.errors import UsageError
from ..core.folding import fold

MIN_LENGTH = 12
MAX_LENGTH = 1_000
AT_ONCE = 2  # an answer takes 64 MB and a core: a crowd at the door must not take the machine


class Passwords:
    """Makes and checks what is kept instead of passwords. One for the process: it bounds how many are reckoned at
    once."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._gate = threading.BoundedSemaphore(AT_ONCE)

    def hashed(self, password: str) -> str:
        with self._gate:
            return self._hasher.hash(_normal(password))

    def match(self, hashed: str | None, password: str) -> bool:
        """Whether this is the password. Without one (`hashed` None) it takes as long, so that nobody can tell from the
        time whether there is such a person."""
        with self._gate:
            nobodys = self._nobodys  # made with the first answer, whomever it is about
            try:
                right = self._hasher.verify(hashed or nobodys, _normal(password[:MAX_LENGTH]))
            except (VerificationError, InvalidHashError):
                return False
        return right and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether the way of keeping passwords was strengthened since."""
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe())


def check_password(password: str, name: str) -> None:
    """Raises UsageError, saying what is wanted, for a password that `name` may not have. Length is what counts: no
    digits or signs are asked for (https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver)."""
    length = len(_normal(password))
    if length < MIN_LENGTH:
        raise UsageError(
            "the password is too short: 12 characters are needed",
            "Four or five words that do not belong together make a good one.",
        )
    if length > MAX_LENGTH:
        raise UsageError("the password is too long: 1000 characters are the most", "Choose a shorter one.")
    if fold(name) in fold(password) and len(fold(password)) < len(fold(name)) + MIN_LENGTH:
        raise UsageError("the password is little more than the name", "Choose one that nobody could guess from it.")
    if len(set(password)) < 5:
        raise UsageError("the password repeats a few characters", "Choose one that is harder to guess.")


def _normal(password: str) -> str:
    """The same password, whatever keyboard it was typed on: an é may come as one character or as two."""
    return unicodedata.normalize("NFKC", password)
