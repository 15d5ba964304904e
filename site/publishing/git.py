"""A branch of a git repository as a target: one commit without history, pushed over the former one. git itself does
the work, in a repository of its own that lasts as long as the publication: nothing withdrawn stays on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime

from ...core.errors import PublishError

REF = "refs/heads/site"
WHO = b"Tagora <tagora@localhost>"
JEKYLL = ".nojekyll"  # GitHub Pages would leave out what begins with _ or .
TIMEOUT = 600  # seconds for one call of git


class GitBranch:
    """`environment`: what git needs to get in (keys never stand in its arguments); `secrets`: what must not be said
    again when it complains."""

    atomic = True
    at_once = 1
    faults: tuple[type[Exception], ...] = (OSError,)

    def __init__(
        self, url: str, branch: str, now: datetime, environment: Mapping[str, str], secrets: Sequence[str] = ()
    ) -> None:
        if shutil.which("git") is None:
            raise PublishError("git is not installed here", "Install it, or publish elsewhere.")
        self.name = f"the branch {branch} of {url}"
        self._url, self._branch, self._now = url, branch, now
        self._secrets = tuple(one for one in secrets if one)
        self._place = tempfile.TemporaryDirectory(prefix="tagora-publish-")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        self._environment = kept | {
            "GIT_DIR": self._place.name,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C",
            **environment,
        }
        self._stream: subprocess.Popen[bytes] | None = None
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def paths(self) -> Mapping[str, int]:
        return dict(self._there)

    def read(self, path: str) -> bytes | None:
        if path not in self._there:
            return None
        return self._git("cat-file", "blob", f"{self._former}:{path}")

    def exists(self, path: str) -> bool:
        return path in self._there

    def put(self, path: str, content: bytes) -> None:
        self._write(b"M 100644 inline %b\ndata %d\n%b\n" % (_quoted(path), len(content), content))

    def create(self, path: str, content: bytes) -> bool:
        if self.exists(path):
            return False
        self.put(path, content)
        return True

    def remove(self, path: str) -> None:
        self._write(b"D %b\n" % _quoted(path))

    def commit(self) -> None:
        """Pushes what was put and removed, if anything was. Raises PublishError when somebody else pushed meanwhile."""
        if self._stream is None:
            return
        if JEKYLL not in self._there:
            self.put(JEKYLL, b"")
        stream, self._stream = self._stream, None
        _, complaint = stream.communicate(b"done\n", timeout=TIMEOUT)
        if stream.returncode:
            raise self._refused(complaint)
        lease = f"--force-with-lease=refs/heads/{self._branch}:{self._former or ''}"
        self._git("push", "--quiet", "--porcelain", lease, "origin", f"{REF}:refs/heads/{self._branch}")

    def close(self) -> None:
        if self._stream is not None:
            self._stream.kill()
            self._stream.communicate()
            self._stream = None
        self._place.cleanup()

    def _begin(self) -> None:
        """Learns what the branch holds: names and sizes, and contents only where they are asked for."""
        self._git("init", "--quiet", "--bare", self._place.name)
        for key, value in (
            ("remote.origin.url", self._url),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialclonefilter", "blob:none"),
        ):
            self._git("config", key, value)
        told = self._git("ls-remote", "--heads", "origin", f"refs/heads/{self._branch}").split()
        self._former = told[0].decode() if told else None
        self._there: dict[str, int] = {}
        if self._former is None:
            return
        self._git("fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "origin", self._former)
        for line in self._git("ls-tree", "-r", "-z", self._former).split(b"\0"):
            if line:
                self._there[line.partition(b"\t")[2].decode("utf-8", "surrogateescape")] = 0

    def _write(self, command: bytes) -> None:
        if self._stream is None:
            self._stream = subprocess.Popen(
                ["git", "fast-import", "--quiet", "--done", "--date-format=raw"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self._environment,
            )
            begin = b"commit %b\ncommitter %b %d +0000\ndata 4\nSite\n" % (
                REF.encode(),
                WHO,
                int(self._now.timestamp()),
            )
            if self._former is not None:
                tree = self._git("rev-parse", f"{self._former}^{{tree}}").strip()
                begin += b'M 040000 %b ""\n' % tree  # what it holds already, ours or not; no parent, so no history
            command = begin + command
        assert self._stream.stdin is not None
        try:
            self._stream.stdin.write(command)
        except BrokenPipeError:
            stream, self._stream = self._stream, None
            raise self._refused(stream.communicate()[1]) from None

    def _git(self, *arguments: str) -> bytes:
        try:
            done = subprocess.run(
                ["git", *arguments],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PublishError(f"{self.name} did not answer for {TIMEOUT} s", "It is tried again.") from None
        if done.returncode:
            raise self._refused(done.stderr + done.stdout)
        return done.stdout

    def _refused(self, complaint: bytes) -> PublishError:
        text = complaint.decode("utf-8", "replace")
        if "stale info" in text or "fetch first" in text:
            return PublishError(f"another publisher pushed to {self.name} meanwhile", "Publish again.")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        at = next((at for at, line in enumerate(lines) if line.startswith(("fatal:", "error:", "remote:"))), -1)
        if at > 0 and "Could not read from remote repository" in lines[at]:  # ssh said why before
            at -= 1
        said = lines[at] if lines else ""
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return PublishError(
            f"{self.name} cannot be used: {said.partition(': ')[2] or said or 'git gave no reason'}",
            "See `publish:` in the configuration: address, branch and key.",
        )


def _quoted(path: str) -> bytes:
    plain = path.encode("utf-8", "surrogateescape")
    return b'"' + plain.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
