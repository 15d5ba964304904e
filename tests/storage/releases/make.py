"""Makes the store that stays here for a release, with the program as it is now:

    python tests/storage/releases/make.py FOLDER

writes FOLDER/REVISION.db.gz, a store as a small campaign leaves it, and FOLDER/REVISION.json: its configuration, and
what the program said of it (the export, which of it the site showed, which post was withdrawn). Run it whenever a
migration was added, before the next one is; what lies here already is never made again. Works also from a checkout of
an earlier program: so those up to 0006 were made, and 0003, of which no program was left, is the one of 0004 taken down
by that program.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
KEY = "5e" * 32  # of its withdrawals
MINUTE = 1_000
POSTS = ("m1", "m2", "m8", "m9", "x1", "x2", "x7", "f1", "f2", "f3", "f6", "f7")


def make(into: Path) -> Path:
    """The file of the store it made."""
    import yaml

    from tagora.core.clock import SystemClock
    from tagora.sandbox import SMALL, Sandbox, parse_script
    from tests.folder import Folder

    told = yaml.safe_load(SMALL.read_text(encoding="utf-8"))
    script = parse_script(told | {"posts": [post for post in told["posts"] if post["key"] in POSTS]})
    with tempfile.TemporaryDirectory() as room, Sandbox(script, now=MINUTE) as box:
        SystemClock.now = lambda _self: box.now  # type: ignore[method-assign]
        folder = Folder.of(Path(room) / "talk", box)
        (folder.path / "withdrawals.key").write_text(KEY + "\n", encoding="ascii")
        url = {key: box.post_url(key) for key in POSTS}
        by = ("--by", "mara")
        withdrawn = None
        for command in (
            ("collect", "--once"),
            ("approve", url["m8"], *by),
            ("reject", url["m9"], "--reason", "spam", *by),
            ("hold", url["x1"], *by),
            ("feature", url["m1"], *by),
            ("note", url["x1"], "is this meant?", *by),
            ("undo", *by),
            ("trust", "@sara_v", *by),
            ("build",),
            ("forget", url["x2"], "--yes"),
        ):
            if command[0] == "forget":
                withdrawn = next(line for line in folder("export").lines if line["url"] == url["x2"])
            answer = folder(*command)
            if answer.status:
                raise SystemExit(f"{command}: {answer.err}")
        export = folder("export").lines
        pages = b"".join(content for path, content in folder.site().items() if path.endswith(".html")).decode()
        shown = [line["url"] for line in export if escape(line["url"]) in pages]
        with closing(sqlite3.connect(folder.path / "tagora.db")) as store:
            revision = store.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            store.execute("UPDATE budget_entry SET \"by\" = 'a process'")  # not this machine's name
            store.commit()
            store.execute("VACUUM")
            store.execute("PRAGMA journal_mode=DELETE")
        into.mkdir(parents=True, exist_ok=True)
        packed = into / f"{revision}.db.gz"
        with packed.open("wb") as sink, gzip.GzipFile("", "wb", 9, sink, mtime=0) as stream:
            stream.write((folder.path / "tagora.db").read_bytes())
    assert withdrawn is not None
    said = {
        "at": box.now.isoformat(),
        "withdrawn": [withdrawn["platform"], withdrawn["uri"]],
        "shown": shown,
        "export": export,
        "config": folder.config,
    }
    packed.with_name(f"{revision}.json").write_text(
        json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return packed


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    print(make(Path(sys.argv[1])))
