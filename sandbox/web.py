"""Requests and answers as plain values; the networks turn one into the other and never see a socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

JSON = "application/json; charset=utf-8"
SECRET_PARAMETERS = frozenset(
    {"access_token", "input_token", "fb_exchange_token", "client_secret", "appsecret_proof", "code"}
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `path` has no query and no trailing slash; `query` keeps every value of a repeated name."""

    path: str
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    base: str = ""  # scheme, host and port under which the sandbox was asked
    method: str = "GET"
    body: bytes = b""

    def get(self, name: str, default: str = "") -> str:
        return self.query[name][-1] if name in self.query else default

    def has(self, name: str) -> bool:
        return name in self.query

    def listed(self, *names: str) -> list[str]:
        """The comma separated values of all these names."""
        values = [part for name in names for value in self.query.get(name, ()) for part in value.split(",")]
        return [value.strip() for value in values if value.strip()]

    @property
    def bearer(self) -> str | None:
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else None

    @property
    def shown_query(self) -> dict[str, str]:
        """For logs: without secrets."""
        return {name: "***" if name in SECRET_PARAMETERS else ",".join(values) for name, values in self.query.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> Any:
        return json.loads(self.body)


def json_answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None, kind: str = JSON) -> Answer:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return Answer(status, body, kind, headers or {})


def html_answer(status: int, words: str, headers: Mapping[str, str] | None = None) -> Answer:
    page = f"<!DOCTYPE html>\n<html><head><title>{words}</title></head><body><h1>{words}</h1></body></html>\n"
    return Answer(status, page.encode(), "text/html; charset=utf-8", headers or {})


def iso(moment: datetime) -> str:
    """2026-11-02T08:30:00.000Z, as X and Mastodon write times."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
