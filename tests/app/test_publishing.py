"""`tagora publish` from a folder with a config.yaml to where readers find the site."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tagora.site.publishing.record import OWN

from ..folder import Folder, contents
from ..site.publishing.places import s3_server, ssh_server

MakeFolder = Callable[..., Folder]


def collected(folder: MakeFolder, **place: Any) -> Folder:
    """A folder with posts approved, that publishes to the folder `www`, or to `place`."""
    made = folder(only=["x"])
    made.config["publish"] = [{"to": "www"} | place]
    made.write()
    assert made("collect", "--once").status == 0
    return made


def published(folder: Folder) -> dict[str, bytes]:
    return {path: content for path, content in contents(folder.path / "www").items() if not path.startswith(OWN)}


def test_publish_builds_and_sends_once(folder: MakeFolder) -> None:
    mine = collected(folder)
    answer = mine("publish")
    assert answer.status == 0, answer.err
    assert published(mine) == mine.site() != {}
    assert f"folder: {len(mine.site())} files sent" in answer.out and "0 removed, 0 unchanged" in answer.out
    again = mine("publish", "--json").json
    assert again["places"] == [
        {
            "place": "folder",
            "error": None,
            "sent": 0,
            "bytes": 0,
            "removed": 0,
            "unchanged": len(mine.site()),
            "failures": [],
        }
    ]


def test_a_rejected_post_leaves_the_published_site_also_while_publishing_is_stopped(folder: MakeFolder) -> None:
    mine = collected(folder)
    mine("publish")
    said = b"E tu come fai?"
    (found,) = mine("list", "--status", "approved", "--search", said.decode(), "--json").json["posts"]
    number = str(found["post"])
    assert any(said in content for content in published(mine).values())
    assert mine("publishing", "stop").status == 0
    assert mine("reject", number, "--reason", "spam").status == 0
    told = mine("publish", "--dry-run", "--json").json
    assert told[0]["send"] == []  # not built yet
    assert mine("publish").status == 0
    assert not any(said in content for content in published(mine).values())


def test_a_dry_run_writes_nothing(folder: MakeFolder) -> None:
    mine = collected(folder)
    mine("build")
    answer = mine("publish", "--dry-run")
    assert answer.status == 0 and "send " in answer.out and "index.html" in answer.out
    assert f"{len(mine.site())} files would be sent" in answer.out
    assert not (mine.path / "www").exists()


def test_when_the_site_shrinks_too_much_it_says_so_and_can_be_told_that_it_is_meant(folder: MakeFolder) -> None:
    mine = collected(folder)
    mine("publish")
    mine.config["site"]["languages"] = ["it"]
    mine.config["publish"][0]["max_shrink"] = 0.01
    mine.write()
    answer = mine("publish")
    assert answer.status == 3 and "would vanish" in answer.err and "--allow-shrink" in answer.err
    assert "en/index.html" in published(mine)
    assert mine("publish", "--allow-shrink").status == 0
    assert published(mine) == mine.site()


def test_one_place_that_fails_keeps_the_others_from_nothing(folder: MakeFolder, tmp_path: Path) -> None:
    mine = collected(folder)
    (mine.path / "file").write_text("no folder")
    mine.config["publish"] = [{"to": "file", "name": "broken"}, {"to": "www", "name": "good"}]
    mine.write()
    answer = mine("publish")
    assert answer.status == 1 and "broken: " in answer.err and "good: " in answer.out
    mine.config["publish"].append({"to": "s3://x", "key_id_env": "NO_ID", "key_env": "NO_KEY"})
    mine.write()
    answer = mine("publish", "--dry-run")
    assert (
        answer.status == 1
        and "s3: " in answer.err
        and "NO_ID is not set" in answer.err
        and "good: 0 files" in answer.out
    )
    assert published(mine) == mine.site()
    assert mine("publish", "--to", "good").status == 0
    assert mine("publish", "--to", "bad").status == 2


@pytest.mark.parametrize(
    "place, said",
    [
        ({"to": "ftp://host/x"}, "begins with"),
        ({"to": "sftp://me:secret@host/x"}, "a password must not stand in the address"),
        ({"to": "s3://bucket", "key": "SECRET"}, "`key` must not stand in the configuration"),
        ({"to": "s3://bucket", "key_env": "K"}, "key_id and key go together"),
        ({"to": "www", "branch": "a b"}, "branch"),
        ({"to": "www", "token_env": "T"}, "token_env means nothing for folder"),
        ({"to": "site"}, "it is the folder it is built in"),
        ({"to": "site/inside"}, "it is the folder it is built in"),
        ({"to": "s3://bucket", "key_id_env": "NOT_SET_1", "key_env": "NOT_SET_2"}, "NOT_SET_1 is not set"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(lonely: Folder, place: dict[str, str], said: str) -> None:
    lonely.config["publish"] = [place]
    lonely.write()
    answer = lonely("publish")
    assert answer.status in (2, 3) and said in answer.err
    assert "SECRET" not in answer.err and "me:secret" not in answer.err


def test_without_a_place_it_says_where_to_write_one(lonely: Folder) -> None:
    answer = lonely("publish")
    assert answer.status == 2 and "`publish:`" in answer.err


@pytest.mark.parametrize("to, extra", [("s3://bucket", "tagora[s3]"), ("sftp://host/www", "tagora[sftp]")])
def test_a_library_that_is_missing_is_named_by_its_extra(
    lonely: Folder, monkeypatch: pytest.MonkeyPatch, to: str, extra: str
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name in ("s3fs", "paramiko", "aiohttp"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    lonely.config["publish"] = [{"to": to}]
    lonely.write()
    answer = lonely("publish")
    assert answer.status == 3 and extra in answer.err


def test_to_s3_each_file_says_how_it_is_to_be_handed_out(lonely: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    with s3_server() as endpoint:
        lonely.config["publish"] = [
            {"to": "s3://sites/agora", "endpoint": endpoint, "region": "x", "key_id_env": "ID", "key_env": "KEY"}
        ]
        lonely.write()
        monkeypatch.setenv("ID", "id")
        monkeypatch.setenv("KEY", "very-secret")
        answer = lonely("publish")
        assert answer.status == 0, answer.err
        fs = s3fs.S3FileSystem(key="id", secret="key", endpoint_url=endpoint, skip_instance_cache=True)
        told: dict[str, tuple[str, str]] = {}
        for path in fs.find("sites/agora"):
            head: Any = fs.call_s3("head_object", Bucket="sites", Key=path.removeprefix("sites/"))
            told[path.removeprefix("sites/agora/")] = (head["ContentType"], head["CacheControl"])
    short = "public, max-age=60, must-revalidate"
    assert told["index.html"] == ("text/html; charset=utf-8", short)
    assert told["feed.atom"] == ("application/atom+xml; charset=utf-8", short)
    assert told["_redirects"] == ("text/plain; charset=utf-8", short)
    (style,) = [path for path in told if path.startswith("assets/site.")]
    assert told[style] == ("text/css; charset=utf-8", "public, max-age=31536000, immutable")


def test_sftp_lets_in_by_key_and_only_to_the_server_that_is_known(lonely: Folder, tmp_path: Path) -> None:
    with ssh_server(tmp_path) as (port, known):
        place = {"to": f"sftp://deploy@127.0.0.1:{port}/www", "key_file": str(tmp_path / "id")}
        lonely.config["publish"] = [place | {"known_hosts": str(known)}]
        lonely.write()
        answer = lonely("publish")
        assert answer.status == 0, answer.err
        assert (tmp_path / "www" / "index.html").read_bytes() == lonely.site()["index.html"]
        (tmp_path / "nobody").write_text("")
        lonely.config["publish"] = [place | {"known_hosts": str(tmp_path / "nobody")}]
        lonely.write()
        answer = lonely("publish")
        assert answer.status == 3 and "not found in known_hosts" in answer.err
        (tmp_path / "password").write_text("wrong-password")
        place = {"to": place["to"], "known_hosts": str(known), "password_file": str(tmp_path / "password")}
        lonely.config["publish"] = [place]
        lonely.write()
        answer = lonely("publish")
        assert answer.status == 3 and "Authentication failed" in answer.err and "wrong-password" not in answer.err
