"""`python -m tagora.sandbox --script FILE --port N`: the networks in a box, by themselves."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from dataclasses import asdict
from datetime import datetime

from . import SMALL
from .script_file import ScriptError, load_script
from .server import Sandbox


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tagora.sandbox", description="Networks in a box, for trying things."
    )
    parser.add_argument("--script", default=str(SMALL), help="the discussion, as YAML")
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--minute", type=int, default=0, help="scripted minute to begin at")
    parser.add_argument("--start", type=datetime.fromisoformat, help="moves the discussion to this time")
    parser.add_argument("--generation", choices=("2.166", "2.167", "both"), default="both", help="names X speaks")
    parser.add_argument("--no-limits", action="store_true", help="tell rate limits but never reach them")
    chosen = parser.parse_args(arguments)
    try:
        script = load_script(chosen.script, chosen.start.astimezone() if chosen.start else None)
        box = Sandbox(
            script,
            chosen.minute,
            port=chosen.port,
            generation=chosen.generation,
            enforce_limits=not chosen.no_limits,
        )
    except (ScriptError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    addresses = {
        "x": box.x_url,
        "graph": box.graph_url,
        "bluesky": box.bluesky_url,
        "bluesky-public": box.bluesky_public_url,
    }
    addresses |= box.blog_homes
    addresses |= {server.host: box.fediverse_url(server.host) for server in script.servers}
    print(json.dumps({"addresses": addresses, "tokens": asdict(box.tokens), "now": box.now.isoformat()}), flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        box.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
