"""The secret by which withdrawn people are known again without being named. It lives in a file outside the store."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from ..core.errors import ConfigError, StoreError

KEY_BYTES = 32
Name = tuple[str, str]


def read_or_make(file: Path) -> bytes:
    """The key in `file`, made at the first use (mode 0600). Raises ConfigError when the file holds something else:
    a new key would let withdrawn people be collected again."""
    try:
        return _read(file)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"the withdrawal key {file} cannot be read: {error.strerror}", "See its rights.") from None
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_hex(KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, file)  # unlike a rename it never replaces the key another process made meanwhile
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    except OSError as error:
        raise StoreError(
            f"the withdrawal key {file} cannot be made: {error.strerror}", "Choose another place under `secret_file:`."
        ) from None
    return _read(file)


def mark_of(key: bytes) -> str:
    """By which a store knows its key again; says nothing about it."""
    return digest_with(key)("tagora", "the key of this store's withdrawals").hex()


def digest_with(key: bytes) -> Callable[[str, str], bytes]:
    """HMAC-SHA256 of (origin, native id or @handle), 32 bytes."""

    def digest(origin: str, name: str) -> bytes:
        return hmac.new(key, f"{origin}\x1f{name}".encode(), hashlib.sha256).digest()

    return digest


def _read(file: Path) -> bytes:
    text = file.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(
            f"the file {file} does not hold a withdrawal key",
            "Put the right one back (withdrawn people are known by it), or name another file under `secret_file:`.",
        )
    return key
