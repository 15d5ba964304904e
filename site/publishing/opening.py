"""Opens targets. Libraries that only one kind of place needs are imported here, when it is used."""

from __future__ import annotations

import base64
import shlex
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ...core.errors import ConfigError, PublishError
from .files import S3, Files, Sftp
from .git import GitBranch

CONNECT, ANSWER = 15, 60  # seconds


def folder(path: Path) -> Files:
    from fsspec.implementations.local import LocalFileSystem

    return Files(LocalFileSystem(), str(path), f"the folder {path}")


def s3(to: str, *, endpoint: str | None, region: str | None, key_id: str | None, key: str | None) -> S3:
    """Without a key, the one that the machine or its environment provides is used."""
    try:
        import aiohttp
        import botocore.exceptions
        import s3fs
    except ImportError:
        raise _lacking("S3", "s3") from None
    files = s3fs.S3FileSystem(
        key=key_id,
        secret=key,
        endpoint_url=endpoint,
        client_kwargs={"region_name": region} if region else {},
        config_kwargs={"connect_timeout": CONNECT, "read_timeout": ANSWER},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    faults = (OSError, botocore.exceptions.BotoCoreError, aiohttp.ClientError)
    return S3(files, to.removeprefix("s3://").strip("/"), f"{to} at {endpoint}" if endpoint else to, faults)


def sftp(to: str, *, password: str | None, key_file: Path | None, known_hosts: Path | None) -> Sftp:
    """The server must be known: its public key stands in `known_hosts`, or in the user's own such file. Without key
    and password, the user's agent and keys are tried."""
    try:
        import paramiko
        from fsspec.implementations.sftp import SFTPFileSystem
    except ImportError:
        raise _lacking("SFTP", "sftp") from None

    class Checked(SFTPFileSystem):
        cachable = False

        def _connect(self) -> None:
            client = paramiko.SSHClient()
            if known_hosts is not None:
                client.load_host_keys(str(known_hosts))
            else:
                client.load_system_host_keys()
            client.set_missing_host_key_policy(paramiko.RejectPolicy())
            client.connect(self.host, **self.ssh_kwargs)
            self.client, self.ftp = client, client.open_sftp()
            self.ftp.get_channel().settimeout(ANSWER)  # pyright: ignore[reportOptionalMemberAccess]

    url = urlsplit(to)
    own = password is None and key_file is None
    options: dict[str, Any] = {"port": url.port or 22, "timeout": CONNECT, "allow_agent": own, "look_for_keys": own}
    given = {"username": unquote(url.username) if url.username else None, "password": password}
    options |= {name: value for name, value in given.items() if value is not None}
    if key_file is not None:
        options["key_filename"] = str(key_file)
    try:
        files = Checked(url.hostname or "", **options)
    except (OSError, paramiko.SSHException) as error:
        raise PublishError(
            f"{to} does not let us in: {_words(error)}",
            "See `publish:`: user, key and known_hosts (docs/publishing.md).",
        ) from error
    return Sftp(files, url.path, to, (OSError, paramiko.SSHException, EOFError))


def git(
    to: str,
    branch: str,
    *,
    now: datetime,
    token: str | None,
    key_file: Path | None,
    known_hosts: Path | None,
) -> GitBranch:
    url = to.removeprefix("git+")
    environment: dict[str, str] = {}
    settings = {"http.followRedirects": "false"}  # the token is for this server
    secrets: list[str] = []
    if token is not None:
        said = base64.b64encode(f"git:{token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {said}"
        secrets += token, said
    for number, (key, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    environment["GIT_CONFIG_COUNT"] = str(len(settings))
    ssh = ["ssh", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECT}"]
    ssh += ["-o", "IdentitiesOnly=yes", "-i", str(key_file)] if key_file else []
    ssh += ["-o", "StrictHostKeyChecking=yes", "-o", f"UserKnownHostsFile={known_hosts}"] if known_hosts else []
    environment["GIT_SSH_COMMAND"] = shlex.join(ssh)
    return GitBranch(url, branch, now, environment, secrets)


def _words(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _lacking(what: str, extra: str) -> ConfigError:
    return ConfigError(
        f"publishing over {what} needs libraries that are not installed", f"Install them: pip install 'tagora[{extra}]'"
    )
