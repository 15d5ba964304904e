"""`tagora publish`, killed: the next one goes on; readers find the built site, whole and without what was withdrawn."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tagora.core.clock import SystemClock
from tagora.sandbox import Sandbox
from tagora.site.publishing.record import OWN

from ..folder import Folder, contents
from ..mortals import killed_at

pytestmark = pytest.mark.processes
WORDS = b"E tu come fai?"  # of x2, which is withdrawn


def test_killed_again_and_again_it_comes_to_an_end(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _self: box.now)
    folder = Folder.of(tmp_path / "talk", box, only=["x"])
    folder.config["publish"] = [{"to": "www"}]
    folder.write()
    assert folder("collect", "--once").status == 0

    killed_at(box.now, "half-written:4", "-c", folder.file, "publish")
    killed_at(box.now + timedelta(seconds=1), "file-published:9", "-c", folder.file, "publish")
    assert folder("publish").status == 0
    assert any(WORDS in content for content in published(folder).values())

    (number,) = [str(one["post"]) for one in approved(folder) if WORDS.decode() in one["text"]]
    assert folder("reject", number, "--reason", "spam").status == 0
    killed_at(box.now, "file-published:2", "-c", folder.file, "publish")
    killed_at(box.now, "before-half:2", "-c", folder.file, "publish")
    assert folder("publish").status == 0
    assert published(folder) == folder.site()
    assert not any(WORDS in content for content in contents(folder.path / "www").values())


def approved(folder: Folder) -> list[dict[str, Any]]:
    return folder("list", "--status", "approved", "--limit", "500", "--json").json["posts"]


def published(folder: Folder) -> dict[str, bytes]:
    return {path: content for path, content in contents(folder.path / "www").items() if not path.startswith(OWN)}
