"""Style, script and icon: named by their content, so that browsers may keep them for ever."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from .templating import STATIC, asset

router = APIRouter(include_in_schema=False)
TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


@router.get("/static/{name}")
def static(name: str) -> Response:
    if name not in STATIC:
        raise HTTPException(404, "There is no such file.")
    forever = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset(name), media_type=TYPES[name.rpartition(".")[2]], headers=forever)
