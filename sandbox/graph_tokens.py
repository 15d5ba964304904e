"""Graph's access tokens: who is who, what becomes of them, and what can be asked about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from .graph_errors import Refused, error
from .script import Script
from .web import Answer, Request, json_answer

APP_ID = "700000000000001"
SCOPES = ["pages_show_list", "pages_read_engagement", "pages_read_user_content"]


class TokenKind(StrEnum):
    PAGE = "page"
    USER = "user"
    SHORT = "short"  # a user's token of an hour, to be exchanged
    PPCA = "ppca"  # a system user with Page Public Content Access: foreign Pages, no names, comments without id
    APP = "app"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Facebook's keys. `expired` was a Page token once."""

    user: str
    short: str
    ppca: str
    app: str
    expired: str
    pages: Mapping[str, str]

    @classmethod
    def of(cls, script: Script) -> Tokens:
        pages = {page.id: f"EAApage{page.id}secret" for page in script.pages}
        return cls("EAAusersecret", "EAAshortsecret", "EAAppcasecret", f"{APP_ID}|appsecret", "EAAexpiredsecret", pages)


@dataclass(frozen=True, slots=True)
class Caller:
    kind: TokenKind
    token: str
    page: str | None = None

    @property
    def sees_names(self) -> bool:
        return self.kind == TokenKind.PAGE

    @property
    def sees_comment_ids(self) -> bool:
        return self.kind != TokenKind.PPCA

    @property
    def is_insider(self) -> bool:
        """Sees what is unpublished or hidden."""
        return self.kind != TokenKind.PPCA


class Keys:
    """All tokens of the box and the calls about tokens."""

    def __init__(self, script: Script, tokens: Tokens) -> None:
        self.script = script
        self.tokens = tokens
        self._callers = {
            tokens.user: Caller(TokenKind.USER, tokens.user),
            tokens.short: Caller(TokenKind.SHORT, tokens.short),
            tokens.ppca: Caller(TokenKind.PPCA, tokens.ppca),
            tokens.app: Caller(TokenKind.APP, tokens.app),
            **{token: Caller(TokenKind.PAGE, token, page) for page, token in tokens.pages.items()},
        }

    def caller(self, token: str, minute: int) -> Caller:
        """Raises Refused."""
        if not token:
            raise Refused(error(104, "An access token is required to request this resource."))
        if token == self.tokens.expired:
            raise Refused(expired(self.script.time(minute)))
        if token not in self._callers:
            raise Refused(error(190, "Invalid OAuth access token - Cannot parse access token"))
        return self._callers[token]

    def known(self, token: str) -> Caller | None:
        return self._callers.get(token)

    def exchange(self, request: Request) -> Answer:
        if request.get("grant_type") == "client_credentials":
            return json_answer({"access_token": self.tokens.app, "token_type": "bearer"})
        if request.get("grant_type") != "fb_exchange_token":
            return error(1, "Missing redirect_uri parameter.")
        if not request.get("client_id") or not request.get("client_secret"):
            return error(101, "Missing client_id parameter.")
        if request.get("fb_exchange_token") not in (self.tokens.short, self.tokens.user):
            return error(190, "Invalid OAuth access token - Cannot parse access token")
        return json_answer({"access_token": self.tokens.user, "token_type": "bearer", "expires_in": 5183944})

    def debug(self, request: Request, minute: int) -> Answer:
        now = int(self.script.time(minute).timestamp())
        caller = self._callers.get(request.get("input_token"))
        if caller is None:
            problem = {"code": 190, "message": "The access token could not be decrypted"}
            if request.get("input_token") == self.tokens.expired:
                problem = {"code": 190, "message": "Error validating access token: Session has expired", "subcode": 463}
            return json_answer({"data": {"app_id": APP_ID, "error": problem, "is_valid": False, "scopes": []}})
        lives = {TokenKind.SHORT: 3600, TokenKind.USER: 60 * 86400}.get(caller.kind)
        data: dict[str, Any] = {
            "app_id": APP_ID,
            "type": "PAGE" if caller.page else "APP" if caller.kind == TokenKind.APP else "USER",
            "application": "Sandbox",
            "data_access_expires_at": now + 90 * 86400,
            "expires_at": now + lives if lives else 0,
            "is_valid": True,
            "scopes": [] if caller.kind == TokenKind.PPCA else SCOPES,
        }
        if caller.page:
            data["profile_id"] = caller.page
        if caller.kind != TokenKind.APP:
            data["user_id"] = "1000000000000001"
        return json_answer({"data": data})

    def accounts(self, caller: Caller) -> Answer:
        if caller.kind not in (TokenKind.USER, TokenKind.SHORT):
            raise Refused(error(100, "(#100) Tried accessing nonexisting field (accounts) on node type (Page)"))
        data = [
            {
                "access_token": self.tokens.pages[page.id],
                "category": "Cultural Center",
                "category_list": [{"id": "1234", "name": "Cultural Center"}],
                "name": page.name,
                "id": page.id,
                "tasks": ["MODERATE", "CREATE_CONTENT", "MANAGE"],
            }
            for page in self.script.pages
        ]
        return json_answer({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}})


def expired(now: datetime) -> Answer:
    said = f"{now:%A, %d-%b-%y %H:%M:%S} PST"
    return error(
        190,
        f"Error validating access token: Session has expired on {said}. The current time is {said}.",
        subcode=463,
    )
