"""What is special about a branch of a git repository."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tagora.core.errors import PublishError
from tagora.site.publishing import opening
from tagora.site.publishing.git import GitBranch

from .conftest import Built, seen, send, send_to
from .places import NOW, GitPlace, ssh_server

TOKEN = "ghp_verysecrettoken"


def test_the_branch_has_one_commit_whatever_was_published_before(tmp_path: Path, built: Built) -> None:
    place = GitPlace(tmp_path)
    send(place, built)
    built.page("talk/t13.html", "new")
    send(place, built)
    assert place.git("rev-list", "--count", "pages").strip() == b"1"
    assert b".nojekyll" in place.git("ls-tree", "--name-only", "pages")


def test_what_did_not_change_makes_no_commit(tmp_path: Path, built: Built) -> None:
    place = GitPlace(tmp_path)
    send(place, built)
    before = place.git("rev-parse", "pages")
    send(place, built)
    assert place.git("rev-parse", "pages") == before


def test_nothing_of_it_stays_on_this_machine(tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    send(GitPlace(tmp_path), built)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_repository_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        PublishError, match=r"the branch pages of file:.* cannot be used: .*not appear to be a git repo"
    ):
        opening.git(f"git+file://{tmp_path}/none", "pages", now=NOW, token=None, key_file=None, known_hosts=None)


@contextmanager
def hosted(folder: Path, asked: list[str]) -> Iterator[str]:
    """The repositories in `folder` over HTTP, as git's own program serves them, to who has the token."""
    right = "Basic " + base64.b64encode(f"git:{TOKEN}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.headers.get("Authorization") != right:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            answer = subprocess.run(
                ["git", "http-backend"],
                input=self.rfile.read(length),
                capture_output=True,
                check=True,
                env={
                    **os.environ,
                    "GIT_PROJECT_ROOT": str(folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REMOTE_USER": "git",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(length),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                },
            ).stdout
            head, _, body = answer.partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(lines.pop("Status", "200").split()[0]))
            for name, value in lines.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/site.git"
    server.shutdown()
    server.server_close()


def test_a_token_opens_a_repository_over_the_web_and_is_never_said(tmp_path: Path, built: Built) -> None:
    place, asked = GitPlace(tmp_path), list[str]()
    with hosted(tmp_path, asked) as url:
        target = opening.git(f"git+{url}", "pages", now=NOW, token=TOKEN, key_file=None, known_hosts=None)
        arguments = " ".join(os.listdir(target._place.name)) + (Path(target._place.name) / "config").read_text()
        send_to(target, built)
        target.close()
        assert seen(place) == built.contents()
        assert TOKEN not in arguments and TOKEN not in "".join(asked)
        with pytest.raises(PublishError, match="cannot be used") as refused:
            opening.git(f"git+{url}", "pages", now=NOW, token="wrong-one", key_file=None, known_hosts=None)
    assert "wrong-one" not in str(refused.value)


@pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh client here")
def test_a_key_opens_a_repository_over_ssh_of_a_server_that_is_known(tmp_path: Path, built: Built) -> None:
    place = GitPlace(tmp_path)
    with ssh_server(tmp_path) as (port, known):
        url = f"git+ssh://deploy@127.0.0.1:{port}{place.repository}"

        def enter(known_hosts: Path) -> GitBranch:
            return opening.git(url, "pages", now=NOW, token=None, key_file=tmp_path / "id", known_hosts=known_hosts)

        target = enter(known)
        send_to(target, built)
        target.close()
        assert seen(place) == built.contents()
        (tmp_path / "nobody").write_text("")
        with pytest.raises(PublishError, match="Host key verification failed"):
            enter(tmp_path / "nobody")
