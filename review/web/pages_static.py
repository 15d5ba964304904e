"""Style, scripts and icon: where an address names the content, browsers may keep them for ever."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from .templating import STATIC, asset, fingerprint

router = APIRouter(include_in_schema=False)
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@router.get("/static/{name}")
def static(name: str, request: Request) -> Response:
    if name not in STATIC:
        raise HTTPException(404, "There is no such file.")
    named = request.url.query == fingerprint(name)  # scripts import each other by their bare names
    kept = "public, max-age=31536000, immutable" if named else "no-cache"
    return Response(asset(name), media_type=TYPES[name.rpartition(".")[2]], headers={"Cache-Control": kept})
