"""Facebook's Graph API: Pages, what stands on them and the comments below, over the script."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from . import ids
from .faults import Fault, FaultKind
from .graph_errors import Refused, error, not_there, permission_error, unknown_field
from .graph_fields import Field, FieldsError, parse_fields
from .graph_objects import PAGE_FIELDS, comment_value, default_fields, page_value, post_value
from .graph_tokens import Caller, Keys, TokenKind, Tokens, expired
from .limits import Allowance, Limiter
from .script import PAGE, Network, Page, Post, Script
from .web import Answer, Request, json_answer

CURRENT = (26, 0)
OLDEST = (21, 0)
WINDOW = timedelta(hours=1)
LIMIT = 2000
DEFAULT_SIZE, LARGEST = 25, 100
RANKING_MINUTES = 2880  # how far the feed's ranking strays from the order of time


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a node or edge needs to know of the request around it."""

    caller: Caller
    minute: int
    base: str
    version: str


class Graph:
    """Answers paths under `/vNN.N`."""

    name = "graph"
    posts_to: frozenset[str] = frozenset()

    def __init__(self, script: Script, tokens: Tokens, limiter: Limiter) -> None:
        self.script = script
        self.tokens = tokens
        self.limiter = limiter
        self._by_id = {ids.facebook_id(script, post): post for post in script.of(Network.FACEBOOK)}
        self.keys = Keys(script, tokens)

    # --- the door ---------------------------------------------------------------------------------------------------

    def answer(self, request: Request, minute: int) -> Answer:
        found = re.fullmatch(r"/v(\d+)\.(\d+)(/.*)?", request.path)
        if not found:
            return error(2500, "An active access token must be used to query information about the current user.")
        version = (int(found[1]), int(found[2]))
        name = f"v{found[1]}.{found[2]}"
        if version < OLDEST:
            return error(12, f"(#12) Version {name} of the Graph API is deprecated and no longer available")
        if version > CURRENT:
            return error(2500, f"Unknown path components: /{name}")
        token = request.get("access_token") or request.bearer or ""
        allowance = self.limiter.take(f"graph {token}", LIMIT, WINDOW, self.script.time(minute))
        headers = self.usage_headers(allowance, self.keys.known(token))
        headers["facebook-api-version"] = name
        try:
            if not allowance.allowed:
                answer = self._throttled(self.keys.known(token))
            else:
                answer = self._route(request, (found[3] or "").strip("/"), token, minute, name)
        except Refused as refused:
            answer = refused.answer
        return Answer(answer.status, answer.body, answer.content_type, headers | dict(answer.headers))

    def usage_headers(self, allowance: Allowance, caller: Caller | None, regain: int = 0) -> dict[str, str]:
        percent = 100 - allowance.remaining * 100 // allowance.limit
        usage = f'"call_count":{percent},"total_cputime":{percent // 2},"total_time":{percent // 2}'
        if caller and caller.kind in (TokenKind.PAGE, TokenKind.PPCA):
            who = caller.page or "system-user"
            return {
                "X-Business-Use-Case-Usage": f'{{"{who}":[{{"type":"pages",{usage},'
                f'"estimated_time_to_regain_access":{regain}}}]}}'
            }
        return {"X-App-Usage": f"{{{usage}}}"}

    def _throttled(self, caller: Caller | None) -> Answer:
        if caller and caller.kind == TokenKind.PAGE:
            return error(32, "(#32) Page request limit reached")
        if caller and caller.kind in (TokenKind.USER, TokenKind.SHORT):
            return error(17, "(#17) User request limit reached")
        return error(4, "(#4) Application request limit reached")

    def fault_answer(self, fault: Fault, now: datetime) -> Answer:
        if fault.kind in (FaultKind.RATE_LIMIT, FaultKind.RATE_LIMIT_NO_RESET):
            if fault.kind == FaultKind.RATE_LIMIT_NO_RESET:
                return error(4, "(#4) Application request limit reached")
            full = Allowance(100, 0, now + timedelta(seconds=fault.seconds), allowed=False)
            page = Caller(TokenKind.PAGE, "", next(iter(self.tokens.pages), "0"))
            headers = self.usage_headers(full, page, regain=max(1, round(fault.seconds / 60)))
            return error(32, "(#32) Page request limit reached", headers=headers)
        if fault.kind == FaultKind.EXPIRED_TOKEN:
            return expired(now)
        if fault.kind == FaultKind.FORBIDDEN:
            return permission_error()
        code = 1 if fault.status == 500 else 2
        words = {1: "An unknown error has occurred.", 2: "Service temporarily unavailable"}[code]
        return error(code, words, status=fault.status, is_transient=True)

    def _route(self, request: Request, path: str, token: str, minute: int, version: str) -> Answer:
        if path == "oauth/access_token":
            return self.keys.exchange(request)
        caller = self.keys.caller(token, minute)
        if path == "debug_token":
            return self.keys.debug(request, minute)
        asked = _Asked(caller, minute, request.base, version)
        if caller.kind == TokenKind.APP:
            raise Refused(permission_error())
        if path == "me/accounts":
            return self.keys.accounts(caller)
        if path == "" and request.has("ids"):
            fields = self._fields(request)
            return json_answer({name: self._node(name, fields, asked) for name in request.listed("ids")})
        node, _, edge = path.partition("/")
        if node == "me":
            if caller.page is None:
                return json_answer({"name": "The organiser", "id": "1000000000000001"})
            node = caller.page
        if not edge:
            return json_answer(self._node(node, self._fields(request), asked))
        arguments = {name: request.get(name) for name in request.query}
        if "fields" in arguments and not arguments["fields"]:
            del arguments["fields"]
        return json_answer(self._edge(node, edge, arguments, self._fields(request), asked))

    def _fields(self, request: Request) -> tuple[Field, ...]:
        text = request.get("fields")
        try:
            return parse_fields(text) if text else ()
        except FieldsError as problem:
            raise Refused(error(2500, str(problem))) from problem

    # --- who may see what -------------------------------------------------------------------------------------------

    def _may_read(self, page: str, asked: _Asked) -> None:
        if asked.caller.page not in (None, page):
            raise Refused(permission_error())

    def _is_visible(self, post: Post, asked: _Asked) -> bool:
        """There, with everything above it, and open to this caller."""
        above: Post | None = post
        while above:
            if not above.is_there(asked.minute):
                return False
            if above.visibility != "public" and not asked.caller.is_insider:
                return False
            above = self.script.parent(above)
        return True

    def _post(self, node: str, asked: _Asked) -> Post:
        post = self._by_id.get(node)
        hidden_id = post is not None and post.reply_to is not None and not asked.caller.sees_comment_ids
        if post is None or hidden_id or not self._is_visible(post, asked):
            raise Refused(not_there(node))
        self._may_read(str(self.script.root(post).page), asked)
        return post

    # --- nodes ------------------------------------------------------------------------------------------------------

    def _node(self, node: str, fields: tuple[Field, ...], asked: _Asked) -> dict[str, Any]:
        page = self.script.page(node)
        if page:
            return self._page_node(page, fields, asked)
        return self._post_node(self._post(node, asked), fields, asked)

    def _page_node(self, page: Page, fields: tuple[Field, ...], asked: _Asked) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for wanted in fields or (Field("name"), Field("id")):
            if wanted.name in ("feed", "published_posts", "tagged", "posts"):
                data[wanted.name] = self._expanded(page.id, wanted, asked)
                continue
            if wanted.name not in PAGE_FIELDS:
                raise Refused(unknown_field(wanted.name, "Page"))
            token = self.tokens.pages[page.id] if asked.caller.kind in (TokenKind.USER, TokenKind.SHORT) else None
            value = page_value(page, wanted.name, asked.base, token)
            if value is not None:
                data[wanted.name] = value
        data["id"] = page.id
        return data

    def _post_node(self, post: Post, fields: tuple[Field, ...], asked: _Asked) -> dict[str, Any]:
        is_comment = post.reply_to is not None
        node = ids.facebook_id(self.script, post)
        names = asked.caller.sees_names
        shows_id = not is_comment or asked.caller.sees_comment_ids
        data: dict[str, Any] = {}
        for wanted in fields or tuple(map(Field, default_fields(is_comment))):
            name = wanted.name
            if name == "comments":
                data[name] = self._expanded(node, wanted, asked)
                continue
            if name in ("reactions", "likes"):
                data[name] = self._reactions(post, wanted)
                continue
            read: Callable[..., Any] = comment_value if is_comment else post_value
            try:
                value = read(self.script, post, asked.minute, name, asked.base)
            except KeyError:
                raise Refused(unknown_field(name, "Comment" if is_comment else "PagePost")) from None
            if value is None or (name in ("from", "message_tags", "story_tags") and not names):
                continue
            if name == "parent":
                if not shows_id:
                    continue
                parent = self.script.parent(post)
                value = self._post_node(parent, wanted.fields, asked) if parent and wanted.fields else value
            elif wanted.fields and isinstance(value, dict) and name == "from":
                chosen = {inner.name for inner in wanted.fields}
                value = {key: part for key, part in value.items() if key in chosen or key == "id"}
            data[name] = value
        if shows_id:
            data["id"] = node
        else:
            data.pop("id", None)
            data.pop("permalink_url", None)
        return data

    def _reactions(self, post: Post, wanted: Field) -> dict[str, Any]:
        data: dict[str, Any] = {"data": []}
        if wanted.arguments.get("summary") in ("true", "1", "total_count"):
            more = {"viewer_reaction": "NONE"} if wanted.name == "reactions" else {}
            data["summary"] = {"total_count": post.likes, **more}
        return data

    # --- edges ------------------------------------------------------------------------------------------------------

    def _expanded(self, node: str, wanted: Field, asked: _Asked) -> dict[str, Any]:
        arguments = dict(wanted.arguments)
        if wanted.inner:
            arguments["fields"] = wanted.inner
        return self._edge(node, wanted.name, arguments, wanted.fields, asked, nested=True)

    def _edge(
        self,
        node: str,
        edge: str,
        arguments: Mapping[str, str],
        fields: tuple[Field, ...],
        asked: _Asked,
        *,
        nested: bool = False,
    ) -> dict[str, Any]:
        page = self.script.page(node)
        if page and edge in ("feed", "posts", "published_posts", "tagged"):
            self._may_read(page.id, asked)
            rows = self._feed(page, edge, arguments, asked)
            summary = None
        elif not page and edge == "comments":
            post = self._post(node, asked)
            rows = self._comments(post, arguments)
            summary = self._summary(post, rows, arguments, asked)
        elif not page and edge in ("reactions", "likes"):
            return self._reactions(self._post(node, asked), Field(edge, arguments))
        else:
            raise Refused(unknown_field(edge, "Page" if page else "PagePost"))
        size = self._size(arguments)
        start = self._start(rows, arguments)
        window = rows[start : start + size]
        shown = [post for post in window if self._is_visible(post, asked) and self._listed(post, edge)]
        data: dict[str, Any] = {"data": [self._post_node(post, fields, asked) for post in shown]}
        if window:
            cursors = {"before": _cursor(window[0]), "after": _cursor(window[-1])}
            paging: dict[str, Any] = {"cursors": cursors}
            data["paging"] = paging
            if start + size < len(rows):
                kept = {name: value for name, value in arguments.items() if name not in ("after", "before")}
                kept |= {"access_token": asked.caller.token, "limit": str(size), "after": cursors["after"]}
                paging["next"] = f"{asked.base}/graph/{asked.version}/{node}/{edge}?{urlencode(kept)}"
        if summary is not None:
            data["summary"] = summary
        if nested and not data["data"] and summary is None:
            return {"data": []}
        return data

    @staticmethod
    def _listed(post: Post, edge: str) -> bool:
        return edge == "feed" or post.visibility != "unpublished"

    def _feed(self, page: Page, edge: str, arguments: Mapping[str, str], asked: _Asked) -> list[Post]:
        """What ever stood on the Page, ranked: newer before older, but only roughly. What is gone or hidden is
        left out later, so that pages run short as they do at Facebook."""
        rows = [
            post
            for post in self.script.of(Network.FACEBOOK)
            if post.reply_to is None and post.page == page.id and post.at <= asked.minute
        ]
        if edge in ("published_posts", "posts"):
            rows = [post for post in rows if post.by == PAGE]
        if edge == "tagged":
            rows = [post for post in rows if post.by != PAGE and f"@{page.name}" in post.text_at(asked.minute)]
        for name, keeps in (("since", lambda at, bound: at >= bound), ("until", lambda at, bound: at <= bound)):
            if arguments.get(name):
                bound = self._moment(name, arguments[name])
                rows = [post for post in rows if keeps(self.script.time(post.at).timestamp(), bound)]
        return sorted(rows, key=lambda post: (ids.stable("rank", post.key) % RANKING_MINUTES - post.at, post.key))

    @staticmethod
    def _moment(name: str, value: str) -> float:
        try:
            return float(value) if value.isdigit() else datetime.fromisoformat(value).timestamp()
        except ValueError:
            raise Refused(error(100, f"(#100) Param {name} must be a valid date/time")) from None

    def _comments(self, post: Post, arguments: Mapping[str, str]) -> list[Post]:
        flat = arguments.get("filter", "toplevel") == "stream"
        if arguments.get("filter", "toplevel") not in ("stream", "toplevel"):
            raise Refused(error(100, "(#100) filter must be one of the following values: toplevel, stream"))
        order = arguments.get("order", "chronological")
        if order not in ("chronological", "reverse_chronological"):
            raise Refused(
                error(100, "(#100) order must be one of the following values: chronological, reverse_chronological")
            )
        rows = self.script.below(post) if flat else self.script.children(post)
        return sorted(rows, key=lambda row: (row.at, row.key), reverse=order == "reverse_chronological")

    def _summary(
        self, post: Post, rows: list[Post], arguments: Mapping[str, str], asked: _Asked
    ) -> dict[str, Any] | None:
        if arguments.get("summary") not in ("true", "1", "total_count"):
            return None
        total = sum(self._is_visible(row, asked) for row in rows) + post.replies_elsewhere
        order = arguments.get("order", "chronological")
        return {"order": order, "total_count": total, "can_comment": asked.caller.kind == TokenKind.PAGE}

    @staticmethod
    def _size(arguments: Mapping[str, str]) -> int:
        value = arguments.get("limit", str(DEFAULT_SIZE))
        if not value.isdigit():
            raise Refused(error(100, "(#100) Param limit must be a non-negative integer"))
        if int(value) > LARGEST:
            raise Refused(error(100, f"(#100) The 'limit' parameter should not exceed {LARGEST}"))
        return int(value)

    def _start(self, rows: list[Post], arguments: Mapping[str, str]) -> int:
        value = arguments.get("after")
        if not value:
            return 0
        try:
            key = base64.urlsafe_b64decode(value.encode() + b"=" * (-len(value) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            key = ""
        for place, post in enumerate(rows):
            if post.key == key:
                return place + 1
        raise Refused(error(100, "(#100) Invalid cursors values"))


def _cursor(post: Post) -> str:
    return base64.urlsafe_b64encode(post.key.encode()).decode().rstrip("=")
