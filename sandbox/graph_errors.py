"""Graph's refusals: nearly all come with HTTP 400 and a body of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import ids
from .web import Answer, json_answer


class Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(
    code: int,
    message: str,
    *,
    subcode: int | None = None,
    status: int = 400,
    is_transient: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An error body with Graph's code."""
    body: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
    if subcode is not None:
        body["error_subcode"] = subcode
    if is_transient:
        body["is_transient"] = True
    body["fbtrace_id"] = f"A{ids.stable('trace', message, bits=60):x}"
    return json_answer({"error": body}, status, headers)


def not_there(node: str) -> Answer:
    answer = (
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation. Please read the Graph API documentation at "
        "https://developers.facebook.com/docs/graph-api"
    )
    body = error(100, answer, subcode=33).data()
    body["error"]["type"] = "GraphMethodException"
    return json_answer(body, 400)


def permission_error() -> Answer:
    return error(
        10,
        "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public Content Access' "
        "feature or the 'Page Public Metadata Access' feature.",
    )


def unknown_field(name: str, node: str) -> Answer:
    return error(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node})")
