"""Steering the sandbox by HTTP, under `/_sandbox`.

GET  now        POST now {"minute": 60} or {"now": "2026-11-02T09:00:00Z"}
POST advance {"minutes": 30}
GET  requests   DELETE requests
POST faults {"kind": "rate_limit", "network": "x", …}   DELETE faults
GET  truth?tag=…&opener=KEY&…   GET tokens   GET bill   GET posts
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .script_file import ScriptError
from .truth import truth
from .web import Answer, Request, json_answer

if TYPE_CHECKING:
    from .server import Sandbox


def control(box: Sandbox, method: str, path: str, request: Request, body: bytes) -> Answer:
    """Answers one control request; mistakes come back as 400 with a sentence."""
    handler = _HANDLERS.get((method, path))
    if handler is None:
        return json_answer({"error": f"no control {method} {path}"}, 404)
    try:
        data = json.loads(body) if body else {}
        if not isinstance(data, dict):
            raise ValueError("the body must be a JSON object")
        return json_answer(handler(box, request, data))
    except (ValueError, TypeError, KeyError, ScriptError) as error:
        return json_answer({"error": str(error)}, 400)


def _now(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    return {
        "now": box.now.isoformat(),
        "minute": box.minute,
        "ends": box.script.ends,
        "start": box.script.start.isoformat(),
    }


def _set_now(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    box.set_time(int(data["minute"]) if "minute" in data else datetime.fromisoformat(data["now"]))
    return _now(box, request, data)


def _advance(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    box.advance(int(data["minutes"]))
    return _now(box, request, data)


def _requests(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    return [asdict(seen) for seen in box.requests]


def _forget_requests(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    box.forget_requests()
    return []


def _fault(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    return {"kind": box.fault(**data).kind}


def _clear_faults(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    box.clear_faults()
    return {}


def _truth(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    found = truth(
        box.script,
        box.minute,
        tag=request.get("tag") or None,
        openers=request.query.get("opener", ()),
        invitation_url=request.get("invitation_url") or None,
        collecting_since=int(request.get("collecting_since") or 0),
        archive=request.get("archive") == "true",
    )
    return found.to_json()


def _tokens(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    return asdict(box.tokens)


def _bill(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    return asdict(box.bill) | {"micros": box.bill.micros()}


def _posts(box: Sandbox, request: Request, data: dict[str, Any]) -> Any:
    return {post.key: {"id": box.native_id(post.key), "url": box.post_url(post.key)} for post in box.script.posts}


_HANDLERS: dict[tuple[str, str], Callable[[Sandbox, Request, dict[str, Any]], Any]] = {
    ("GET", "/now"): _now,
    ("POST", "/now"): _set_now,
    ("POST", "/advance"): _advance,
    ("GET", "/requests"): _requests,
    ("DELETE", "/requests"): _forget_requests,
    ("POST", "/faults"): _fault,
    ("DELETE", "/faults"): _clear_faults,
    ("GET", "/truth"): _truth,
    ("GET", "/tokens"): _tokens,
    ("GET", "/bill"): _bill,
    ("GET", "/posts"): _posts,
}
