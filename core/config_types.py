"""The kinds of values that config.yaml is made of."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from .durations import duration
from .normalise import clean_url
from .recheck import Steps, read_steps


def _web_address(value: object) -> object:
    if clean_url(value) is None:
        raise ValueError("write a full web address, like https://example.org")
    return value


def is_mail_address(value: object) -> bool:
    """Whether it can be one: nothing in it that would end it, or begin another, in a header."""
    pattern = r"[^@\s<>,;\x00-\x1f]{1,64}@[^@\s<>,;\x00-\x1f]{1,253}"
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _mail_address(value: object) -> object:
    if not is_mail_address(value):
        raise ValueError("write a mail address, like team@example.org")
    return value


def written_like(pattern: str, words: str) -> AfterValidator:
    """What `pattern` does not match is refused with `words`."""

    def checked(value: str) -> str:
        if re.fullmatch(pattern, value) is None:
            raise ValueError(words)
        return value

    return AfterValidator(checked)


Duration = Annotated[timedelta, BeforeValidator(duration)]
Schedule = Annotated[Steps, BeforeValidator(read_steps)]
MailAddress = Annotated[str, BeforeValidator(_mail_address)]
WebAddress = Annotated[str, BeforeValidator(_web_address)]
Slug = Annotated[
    str, written_like(r"[a-z0-9][a-z0-9-]{0,63}", "write small letters, digits and hyphens, like my-campaign")
]
Money = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=6)]
Authors = Literal["full", "initials", "hidden"]
Show = Literal["full", "link", "none"]
Language = Literal["it", "en"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WithKey(Frozen):
    """Settings with a key that stands elsewhere: `NAME_env` names an environment variable, `NAME_file` a file."""

    def places_of(self, name: str) -> list[tuple[str, str]]:
        """Where the key `name` is said to stand: ("env", variable) or ("file", path)."""
        said = [(kind, getattr(self, f"{name}_{kind}")) for kind in ("env", "file")]
        return [(kind, where) for kind, where in said if where is not None]
