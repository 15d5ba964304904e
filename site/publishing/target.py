"""What a place is that the site is published to. `files.py` (folder, S3, SFTP) and `git.py` are such places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Target(Protocol):
    """Paths are those of the site, below the target's top. Methods raise one of `faults` where this one call
    failed, PublishError where no other would do better. No text of theirs holds a key.

    `name` says for people where it is. `at_once`: how many files may be under way together. `atomic`: everything put
    and removed shows at `commit` and at once, and a commit fails when somebody else's came before; elsewhere each file
    shows when it was put, and a lock keeps others away."""

    name: str
    at_once: int
    atomic: bool
    faults: tuple[type[Exception], ...]

    def paths(self) -> Mapping[str, int]:
        """Every file there, foreign ones too, with its size."""
        ...

    def read(self, path: str) -> bytes | None: ...

    def exists(self, path: str) -> bool: ...

    def put(self, path: str, content: bytes) -> None:
        """Readers see the former file or this one, never half of one."""
        ...

    def create(self, path: str, content: bytes) -> bool:
        """Like `put`; False, and nothing done, when there is such a file already."""
        ...

    def remove(self, path: str) -> None:
        """A file that is not there is removed already."""
        ...

    def commit(self) -> None: ...

    def close(self) -> None: ...
