"""Networks in a box: one HTTP server that answers as X, fediverse servers, Facebook's Graph API and Bluesky do, over a
scripted discussion whose time can be moved, with faults on demand. Imports nothing of the rest of the project.

    with Sandbox(load_script(SMALL), now=600) as box:
        box.x_url, box.fediverse_url("mastodon.uno"), box.graph_url, box.bluesky_url, box.tokens
        box.advance(30); box.fault("rate_limit", network="x"); truth(box.script, box.minute)
"""

from __future__ import annotations

from pathlib import Path

from .faults import Fault, FaultKind
from .script import Network, Script
from .script_file import ScriptError, load_script, parse_script
from .server import Sandbox, SeenRequest
from .truth import Reason, Role, Truth, TruthGap, TruthPost, truth
from .x_objects import Generation

DATA = Path(__file__).parent / "data"
SMALL = DATA / "small.yaml"

__all__ = [
    "DATA",
    "SMALL",
    "Fault",
    "FaultKind",
    "Generation",
    "Network",
    "Reason",
    "Role",
    "Sandbox",
    "Script",
    "ScriptError",
    "SeenRequest",
    "Truth",
    "TruthGap",
    "TruthPost",
    "load_script",
    "parse_script",
    "truth",
]
