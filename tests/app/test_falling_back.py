"""From a dead token to bare links, and back: the site follows, and equals a clean build at every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tagora.core.clock import ManualClock

from ..folder import Folder


def site(folder: Folder) -> dict[str, bytes]:
    """The site after a build, which equals one made of all pages."""
    assert folder("build").status == 0
    mine = _files(folder.path / "site")
    assert folder("build", "--full").status == 0
    assert _files(folder.path / "site") == mine
    return mine


def _files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def words(folder: Folder) -> str:
    """Of all pages but those that tell what became of the posts up to a day."""
    pages = site(folder).items()
    return "\n".join(content.decode() for name, content in pages if "about/" not in name and "insights/" not in name)


def test_posts_of_a_network_that_cannot_be_asked_become_bare_links_and_come_back(
    folder: Callable[..., Folder], now: ManualClock
) -> None:
    mine = folder(only=("x",))
    mine("collect", "--once")
    mine("add", "https://www.instagram.com/p/DBx4Yz/", "--author", "Anna Verdi", "--date", "2026-11-02", "--text",
         "Io ascolto, poi parlo", "--permission", "by mail")  # fmt: skip
    typed = mine("list", "--json").json["posts"]
    mine("approve", *(str(one["id"]) for one in typed))
    shown = [one for one in mine("export").lines if one["platform"] == "x" and one["status"] == "approved"]
    assert shown
    before = words(mine)
    assert all(one["author"] in before for one in shown)

    key = (mine.path / "x.key").read_text(encoding="utf-8")
    (mine.path / "x.key").write_text("cancelled", encoding="utf-8")
    now.advance(timedelta(days=6))
    assert mine("collect", "--once").status != 0
    assert words(mine) == before, "within the grace nothing changes"
    now.advance(timedelta(days=10))
    after = words(mine)
    for one in shown:
        assert f"@{one['author']}" not in after
        assert f"/{one['author']}/" not in after
        assert f"https://x.com/i/status/{one['url'].rpartition('/')[2]}" in after
    assert "Io ascolto, poi parlo" in after, "nobody can look up what was typed in"
    assert "shown as a bare link" in mine("status").out
    assert f"only the links of {len(shown)} published posts" in mine("status").out
    told = [one for one in mine("export").lines if one["platform"] == "x" and one["status"] == "approved"]
    assert {(one["author"], one["text"]) for one in told} == {(None, "")}

    (mine.path / "x.key").write_text(key, encoding="utf-8")
    mine("collect", "--once")
    assert words(mine) == before
    assert "only the links of" not in mine("status").out
