"""The wheel works outside the checkout: packages, templates, words, migrations and the demo's data are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel of a copy of the tracked files."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and not name.startswith("tests/") and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site-packages")
    return folder / "site-packages"


def outside(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    told = outside(installed, tmp_path, "-c", "import tagora.app.cli, tagora.site.build as b; print(b.__file__)")
    assert told.stdout.startswith(str(installed)), told.stderr


def test_a_campaign_starts_collects_nothing_and_is_built_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    def tagora(*arguments: str) -> subprocess.CompletedProcess[str]:
        return outside(installed, tmp_path, "-m", "tagora.app", *arguments)

    assert tagora("init", "--tag", "agoraTest").returncode == 0
    built = tagora("build")
    assert (built.returncode, built.stderr) == (0, "")
    assert (tmp_path / "var/site/index.html").is_file()
    assert "mastodon" in tagora("platforms").stdout


def test_the_demos_discussion_and_no_test_is_in_it(installed: Path) -> None:
    assert (installed / "tagora/sandbox/data/casnocha.yaml").is_file()
    assert not (installed / "tagora/tests").exists()
