"""The article that opened a discussion: front matter and Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .config_errors import validate
from .config_types import WebAddress, written_like
from .errors import ConfigError
from .yaml_lines import parse

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class Invitation:
    """`gurus` are the people the article is about, never authors of posts. `body` is Markdown."""

    title: str
    body: str
    url: str | None = None
    gurus: tuple[str, ...] = ()
    author: str | None = None
    content_type: str | None = None
    language: str = "en"
    date: date | None = None
    opens: date | None = None
    closes: date | None = None


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


Day = Annotated[date, BeforeValidator(_day)]


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1)
    url: WebAddress | None = None
    gurus: tuple[str, ...] = ()
    author: str | None = None
    content_type: str | None = None
    language: Annotated[str, written_like(r"[a-z]{2}", "write a language's two letters, like it or en")] = "en"
    date: Day | None = None
    opens: Day | None = None
    closes: Day | None = None


def parse_invitation(text: str, name: str) -> Invitation:
    """The invitation in `text`; `name` is the file's name for errors. Raises ConfigError with file and line."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    match = _FRONT.match(text)
    if match is None:
        raise ConfigError(
            "the invitation has no front matter",
            "Begin the file with ---, then title: and so on, then --- again.",
            where=f"{name}:1",
        )
    document = parse("\n" + match[1], name)  # one line more: the numbers count from the file's top
    front = validate(_FrontMatter, document, document.data or {})
    return Invitation(body=text[match.end() :].strip(), **front.model_dump())
