"""`python -m benchmarks`: measures, prints a table and writes benchmarks/results.json."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import collect, ingest, large, latency, lighthouse, review, search, site, start
from .fill import fill
from .measure import Result

RESULTS = Path(__file__).with_name("results.json")
ALL: dict[str, Callable[[bool], list[Result]]] = {
    "help": start.measure,
    "collect": collect.measure,
    "ingest": ingest.measure,
    "site": site.measure,
    "search": search.measure,
    "large": large.measure,
    "latency": latency.measure,
    "review": review.measure,
    "lighthouse": lighthouse.measure,
}


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["fill"]:
        return _fill(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures speed and memory. `python -m benchmarks fill --help`: fill a store with a campaign.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(ALL)}; all by default")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    chosen = parser.parse_args(arguments)
    for name in chosen.names:
        if name not in ALL:
            parser.error(f"there is no benchmark {name!r}; there are {', '.join(ALL)}")
    failed = 0
    for name in chosen.names or ALL:
        try:
            results = ALL[name](chosen.quick)
        except RuntimeError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed += 1
            continue
        for result in results:
            print(_line(result), flush=True)
        _write(results, chosen.quick)
    print(f"\n{RESULTS.name} says how each was measured; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    return 1 if failed else 0


def _line(result: Result) -> str:
    mark = {True: "met", False: "NOT MET", None: ""}[result.met]
    wanted = f"{result.wanted}: {mark}" if result.wanted else ""
    return f"{result.name:28} {result.value:>12,} {result.unit:32} {wanted}"


def _write(results: Sequence[Result], quick: bool) -> None:
    """Puts the results among those of earlier runs."""
    told = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    size = "quick: " if quick else ""
    for one in results:
        wanted = f"; wanted: {one.wanted}" if one.wanted else ""
        told[one.name] = {"value": one.value, "unit": one.unit, "how": f"{size}{one.how}{wanted}"}
    RESULTS.write_text(json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def _fill(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks fill",
        description="Fills a store with a made-up campaign, stored, admitted and decided as real posts are.",
    )
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=10_000)
    parser.add_argument("--store", required=True, metavar="URL", help="sqlite:///path or postgresql+psycopg://…")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    try:
        filled = fill(chosen.store, chosen.posts, chosen.threads, chosen.seed)
    except ValueError as error:
        parser.error(str(error))
    print(f"{filled.posts:,} posts in {filled.threads:,} threads, {filled.posts / filled.seconds:,.0f} posts/s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
