"""How long after a post stands on its network its page stands on the site, under `tagora run`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from .measure import Result, median
from .town import EARLIER, Town, town

LONGEST = 60  # seconds to wait for one page


def measure(quick: bool) -> list[Result]:
    count = 5 if quick else 20
    with (
        TemporaryDirectory(prefix="tagora-bench-") as name,
        town(Path(name), EARLIER + count, every="1s", policy="publish_first") as made,
    ):
        folder = Path(name)
        command = [sys.executable, "-m", "tagora.app", "-c", str(made.config), "run"]
        with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as running:
            try:
                _wait(made, folder, EARLIER - 1)
                waited = []
                for minute in range(EARLIER, EARLIER + count):
                    time.sleep(0.37)  # so that posts do not keep step with the schedule
                    made.box.set_time(minute)
                    waited.append(_wait(made, folder, minute))
            finally:
                running.terminate()
                running.wait(30)
    how = (
        f"`tagora run` with a source on the sandbox asked every second, publish_first; {count} posts one after another"
    )
    return [
        Result(
            "latency_median", round(median(waited), 2), "s", f"from a post at the network to its page on disk: {how}"
        ),
        Result("latency_worst", round(max(waited), 2), "s", f"the longest of them: {how}"),
    ]


def _wait(made: Town, folder: Path, minute: int) -> float:
    """Seconds until a page of the site shows the post of this minute."""
    begun = time.perf_counter()
    words = made.text(minute).encode()
    while time.perf_counter() - begun < LONGEST:
        for page in (folder / "site" / "casnocha").glob("*.html"):
            if page.name != "index.html" and words in page.read_bytes():
                return time.perf_counter() - begun
        time.sleep(0.02)
    raise RuntimeError(f"no page after {LONGEST} s: {(folder / 'log').read_text()[-1000:]}")
