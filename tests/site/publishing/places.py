"""Every kind of place that the site is published to, real: a folder, an S3 server, an SFTP server, a git repository."""

from __future__ import annotations

import asyncio
import logging
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import asyncssh
import s3fs
from moto.server import ThreadedMotoServer

from tagora.site.publishing import opening
from tagora.site.publishing.target import Target

from ...folder import contents

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PASSWORD = "open-sesame"


class Place(Protocol):
    """`open`: a target as a publication has it. The rest is what others do and see there."""

    kind: str

    def open(self) -> Target: ...

    def files(self) -> dict[str, bytes]: ...

    def write(self, path: str, content: bytes) -> None: ...

    def delete(self, path: str) -> None: ...


class FolderPlace:
    kind = "folder"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> Target:
        return opening.folder(self.folder)

    def files(self) -> dict[str, bytes]:
        return contents(self.folder)

    def write(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_bytes(content)

    def delete(self, path: str) -> None:
        (self.folder / path).unlink()


class SftpPlace(FolderPlace):
    kind = "sftp"

    def __init__(self, folder: Path, port: int, known_hosts: Path) -> None:
        super().__init__(folder / "www" / "agora")
        self.port, self.known_hosts = port, known_hosts

    def open(self) -> Target:
        return opening.sftp(
            f"sftp://deploy@127.0.0.1:{self.port}/{self.folder.parent.parent.name}/www/agora",
            password=PASSWORD,
            key_file=None,
            known_hosts=self.known_hosts,
        )


@cache
def looking_at(endpoint: str) -> Any:
    """The server as others see it."""
    return s3fs.S3FileSystem(
        key="id", secret="key", endpoint_url=endpoint, use_listings_cache=False, skip_instance_cache=True
    )


class S3Place:
    kind = "s3"

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.top = endpoint, f"sites/{uuid4().hex[:8]}"
        self.fs = looking_at(endpoint)

    def open(self) -> Target:
        return opening.s3(f"s3://{self.top}", endpoint=self.endpoint, region="eu-south-1", key_id="id", key="key")

    def files(self) -> dict[str, bytes]:
        return {path[len(self.top) + 1 :]: self.fs.cat_file(path) for path in self.fs.find(self.top)}

    def write(self, path: str, content: bytes) -> None:
        self.fs.pipe_file(f"{self.top}/{path}", content)

    def delete(self, path: str) -> None:
        self.fs.rm_file(f"{self.top}/{path}")


class GitPlace:
    kind = "git"

    def __init__(self, folder: Path) -> None:
        self.repository, self.work = folder / "site.git", folder / "work"
        subprocess.run(["git", "init", "-q", "--bare", self.repository], check=True)

    def open(self) -> Target:
        return opening.git(
            f"git+file://{self.repository}", "pages", now=NOW, token=None, key_file=None, known_hosts=None
        )

    def git(self, *arguments: str | Path, at: Path | None = None) -> bytes:
        command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-C", at or self.repository]
        return subprocess.run([*command, *arguments], capture_output=True, check=True).stdout

    @property
    def born(self) -> bool:
        return bool(self.git("for-each-ref", "refs/heads/pages"))

    def files(self) -> dict[str, bytes]:
        if not self.born:
            return {}
        paths = self.git("ls-tree", "-r", "-z", "--name-only", "pages").decode().split("\0")
        return {path: self.git("cat-file", "blob", f"pages:{path}") for path in paths if path not in ("", ".nojekyll")}

    def write(self, path: str, content: bytes) -> None:
        with self._worktree() as tree:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content)

    def delete(self, path: str) -> None:
        with self._worktree() as tree:
            (tree / path).unlink()

    @contextmanager
    def _worktree(self) -> Iterator[Path]:
        shutil.rmtree(self.work, ignore_errors=True)
        subprocess.run(["git", "clone", "-q", self.repository, self.work], check=True, capture_output=True)
        self.git("checkout", "-q", *(() if self.born else ("-b",)), "pages", at=self.work)
        yield self.work
        self.git("add", "-A", at=self.work)
        self.git("commit", "-q", "-m", "by hand", at=self.work)
        self.git("push", "-q", "origin", "pages", at=self.work)


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a server that speaks S3, with one bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    fs = looking_at(endpoint)
    if not fs.exists("sites"):  # all such servers of one process have the same buckets
        fs.mkdir("sites")
    yield endpoint
    server.stop()


class _Ssh(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("deploy", PASSWORD)


async def _run(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """What git asks for: one of its own commands."""
    words = shlex.split(process.command or "")
    assert words[0] in ("git-upload-pack", "git-receive-pack")
    pipe = asyncio.subprocess.PIPE
    done = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=pipe)
    await process.redirect(stdin=done.stdin, stdout=done.stdout, stderr=done.stderr)
    process.exit(await done.wait())


@contextmanager
def ssh_server(folder: Path) -> Iterator[tuple[int, Path]]:
    """The port of an SSH server that serves files below `folder` and runs git, and a file with its public key. One may
    enter with a password or the key beside that file, `id`."""
    host_key, user_key = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    user_key.write_private_key(folder / "id")
    (folder / "id").chmod(0o600)
    user_key.write_public_key(folder / "id.pub")
    loop = asyncio.new_event_loop()
    started: list[asyncssh.SSHAcceptor] = []
    ready = threading.Event()

    async def serve() -> None:
        server = await asyncssh.create_server(
            _Ssh,
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=str(folder / "id.pub"),
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder).encode()),
            process_factory=_run,
            encoding=None,
        )
        started.append(server)
        ready.set()

    thread = threading.Thread(target=lambda: (loop.run_until_complete(serve()), loop.run_forever()), daemon=True)
    thread.start()
    assert ready.wait(30)
    known = folder / "known_hosts"
    port = started[0].get_port()
    known.write_text(f"[127.0.0.1]:{port} {host_key.export_public_key().decode()}")
    yield port, known

    async def end() -> None:
        started[0].close()
        await started[0].wait_closed()

    asyncio.run_coroutine_threadsafe(end(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
