"""Pictures for tests: real ones made by Pillow, and copies as the folder keeps them."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from sqlalchemy import Connection, delete, insert

from tagora.core.pictures import Rendition
from tagora.site.pages import digest
from tagora.site.pictures.folder import PictureFolder
from tagora.storage import tables as t


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def photo(width: int = 1200, height: int = 800, form: str = "JPEG", colour: str = "#8a6d3b", **options: Any) -> bytes:
    return encoded(Image.new("RGB", (width, height), colour), form, **options)


def address(name: str) -> str:
    return f"https://pictures.example/{name}.jpg"


def medium(name: str, alt: str | None = "A long table", **changes: Any) -> dict[str, Any]:
    """A row of `media`."""
    return {"kind": "image", "url": address(name), "alt": alt, **changes}


def copies_of(name: str) -> dict[Rendition, bytes]:
    """Two copies whose bytes say of what they are."""
    files = {("webp", 480): f"WebP of {name}".encode(), ("jpg", 480): f"JPEG of {name}".encode()}
    return {Rendition(digest(content), kind, width, 320): content for (kind, width), content in files.items()}


def copied(connection: Connection, folder: PictureFolder, post_id: int, name: str, position: int = 0) -> None:
    """As if the picture `name`, the post's medium there, had been copied."""
    made = copies_of(name)
    folder.keep(made)
    connection.execute(delete(t.picture).where(t.picture.c.post_id == post_id, t.picture.c.position == position))
    connection.execute(
        insert(t.picture).values(
            post_id=post_id, position=position, source=address(name), copies=[list(one) for one in made], attempts=0
        )
    )
