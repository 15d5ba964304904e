"""The folder of copies of pictures, in step with what the store knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import StoreFull
from ..site.pictures.folder import PictureFolder
from ..storage import pictures
from .workplace import Workplace


def folder_of(place: Workplace) -> PictureFolder:
    return PictureFolder(place.pictures_folder)


def compare(place: Workplace) -> int:
    """Makes folder and store agree: files that the store does not know go, copies without files are fetched again; how
    many those are. Nothing is begun where there never was a picture."""
    folder = folder_of(place)
    with place.store.reading() as connection:
        if not folder.is_there and not pictures.is_any_copied(connection):
            return 0
    with room(place), folder.held():
        with place.store.reading() as connection:
            known = dict(pictures.copies(connection))
        missing = folder.compare({copy.path for copies in known.values() for copy in copies})
        lost = [key for key, copies in known.items() if any(copy.path in missing for copy in copies)]
        if lost:
            with place.store.writing() as connection:
                pictures.lost(connection, lost, place.clock.now())
    return len(lost)


@contextmanager
def room(place: Workplace) -> Iterator[None]:
    """What the disk refuses, as one sentence."""
    try:
        yield
    except OSError as error:
        raise StoreFull(
            f"pictures cannot be kept in {place.pictures_folder}: {error.strerror}",
            "Make room there, or name another `folder:` under `pictures:`.",
        ) from error
