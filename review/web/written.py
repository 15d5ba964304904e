"""A filter as it stands in an address."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import urlencode


class Written:
    """What filters of text have in common; each is a frozen dataclass whose values are empty where nothing is asked."""

    __slots__ = ()

    @property
    def query(self) -> str:
        """The part of an address behind the question mark."""
        return urlencode([(name, value) for name, value in self.values if value])

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        whole: Any = self
        return tuple((one.name, getattr(self, one.name)) for one in fields(whole))
