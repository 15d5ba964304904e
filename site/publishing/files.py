"""Targets that are folders of files, through fsspec: a folder of this machine, S3 and what speaks like it, SFTP."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..kinds import cache_control, content_type

NEW = ".tagora-new"  # ends the name of a file on its way


class Files:
    """A folder on an fsspec file system. `top`: the folder, as the file system names it."""

    atomic = False
    at_once = 1

    def __init__(self, files: Any, top: str, name: str, faults: tuple[type[Exception], ...] = (OSError,)) -> None:
        self._files, self._top, self.name, self.faults = files, top.rstrip("/"), name, faults
        self._folders: set[str] = set()

    def paths(self) -> Mapping[str, int]:
        found = self._files.find(self._top, detail=True, on_error="raise") if self._files.exists(self._top) else {}
        start = len(self._top) + 1
        return {path[start:]: one["size"] for path, one in found.items() if not path.endswith(NEW)}

    def read(self, path: str) -> bytes | None:
        try:
            return self._files.cat_file(self._at(path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def exists(self, path: str) -> bool:
        try:
            self._files.info(self._at(path))
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def put(self, path: str, content: bytes) -> None:
        whole, half = self._at(path), self._half(path)
        self._make(whole.rpartition("/")[0])
        try:
            self._files.pipe_file(half, content)
            self._replace(half, whole)
        except BaseException:
            with suppress(*self.faults):
                self._files.rm_file(half)
            raise

    def create(self, path: str, content: bytes) -> bool:
        self._make(self._at(path).rpartition("/")[0])
        try:
            with self._files.open(self._at(path), "xb") as file:
                file.write(content)
        except self.faults:
            if self.exists(path):  # SFTP knows no better word for it than failure
                return False
            raise
        return True

    def remove(self, path: str) -> None:
        for each in (self._at(path), self._half(path)):
            with suppress(FileNotFoundError, NotADirectoryError):
                self._files.rm_file(each)
        folder = path.rpartition("/")[0]
        while folder:  # those that it leaves empty go too
            try:
                self._files.rmdir(self._at(folder))
            except self.faults:
                return
            self._folders.discard(self._at(folder))
            folder = folder.rpartition("/")[0]

    def commit(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _at(self, path: str) -> str:
        return f"{self._top}/{path}"

    def _half(self, path: str) -> str:
        """Always the same: what a killed publication left half-written goes with the next file of that name."""
        folder, _, name = self._at(path).rpartition("/")
        return f"{folder}/.{name}{NEW}"

    def _make(self, folder: str) -> None:
        if folder not in self._folders:
            self._files.makedirs(folder, exist_ok=True)
            self._folders.add(folder)

    def _replace(self, half: str, whole: str) -> None:
        os.replace(half, whole)


class Sftp(Files):
    """Over SSH's file transfer."""

    def _replace(self, half: str, whole: str) -> None:
        self._files.ftp.posix_rename(half, whole)

    def close(self) -> None:
        self._files.client.close()


class S3(Files):
    """Objects in a bucket: each is replaced as a whole, and says how it is to be handed out."""

    at_once = 8

    def paths(self) -> Mapping[str, int]:
        start = len(self._top) + 1
        return {path[start:]: one["size"] for path, one in self._files.find(self._top, detail=True).items()}

    def put(self, path: str, content: bytes) -> None:
        self._files.pipe_file(self._at(path), content, ContentType=content_type(path), CacheControl=cache_control(path))

    def create(self, path: str, content: bytes) -> bool:
        try:
            self._files.pipe_file(self._at(path), content, mode="create", ContentType=content_type(path))
        except FileExistsError:
            return False
        except self.faults:
            if self.exists(path):
                return False
            raise
        return True

    def remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._files.rm_file(self._at(path))
