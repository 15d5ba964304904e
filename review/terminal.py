"""The queue, a post and a thread as text for a terminal. Posts are hostile: nothing of them reaches the terminal that
it would obey, and nothing that makes a line read otherwise than it is stored."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo

from ..core.conditions import Matched
from ..core.decisions import RULE, Decision, Status, Verdict
from ..storage.queue import QueueItem
from ..storage.thread_view import ThreadNode

WIDTH = 100
DEEPEST = 12  # levels of indentation; what is deeper says how deep it is
MAX_MARKS = 4  # combining marks on one letter; more are only there to smear other lines
# Joiners that scripts and emoji need; all other characters of format (bidi overrides and isolates, zero widths, tags)
# are shown by their number: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_NEEDED = {"\u200c", "\u200d"}
_SHOWN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")

_MARK = {
    None: "outside",
    Status.NEW: "new",
    Status.PENDING: "pending",
    Status.HELD: "held",
    Status.APPROVED: "approved",
    Status.REJECTED: "rejected",
}

_DONE = {
    Verdict.APPROVE: "approved",
    Verdict.REJECT: "rejected",
    Verdict.HOLD: "held",
    Verdict.PEND: "left waiting",
    Verdict.FLAG: "flagged",
    Verdict.LOG: "logged",
    Verdict.FEATURE: "featured",
    Verdict.UNFEATURE: "no longer featured",
}


def safe(text: str) -> str:
    """`text` as one line that a terminal only shows: line ends as ⏎, control and format characters by their number."""
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in "\r\n":
            shown.append("⏎")
        elif character == "\t":
            shown.append(" ")
        elif category in _SHOWN and character not in _NEEDED:
            shown.append(f"‹{ord(character):04X}›")
        elif marks <= MAX_MARKS:
            shown.append(character)
    return "".join(shown)


def cut(text: str, length: int) -> str:
    """The beginning of `text` as a safe line of at most `length` characters."""
    line = " ".join(safe(text[: length * 4]).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def queue_lines(items: Sequence[QueueItem], zone: tzinfo = UTC) -> Iterator[str]:
    """Each post with its number, where it stands and why; an empty line after each."""
    for item in items:
        name = _name(item.handle, item.display_name)
        facts = [
            f"#{item.post_id}",
            _MARK[item.status],
            item.campaign,
            _network(item.network),
            name,
            _when(item.published_at, zone),
        ]
        facts += [item.language or "language unknown", f"by {item.via}"]
        facts += ["edited"] if item.edited_at else []
        facts += ["featured"] if item.featured else []
        facts += ["1 note" if item.notes == 1 else f"{item.notes} notes"] if item.remarks else []
        yield "  ".join(cut(fact, 60) for fact in facts)
        if item.title:
            yield f"    {cut(item.title, WIDTH - 4)}"
        if item.warning:
            yield f"    warning: {cut(item.warning, WIDTH - 13)}"
        yield from _wrapped(item.text, "    ", 6)
        for decision in (*item.marks, *([item.decision] if item.decision else [])):
            yield f"    {cut(decision_line(decision, item.text, zone), WIDTH * 2)}"
        if item.url:
            yield f"    {safe(item.url)}"
        yield ""


def decision_line(decision: Decision, text: str, zone: tzinfo = UTC) -> str:
    """One decision in words: number, verdict, who or which rule, why, what matched, when."""
    verdict = f"undo of {decision.reverts}" if decision.verdict is Verdict.UNDO else _DONE[decision.verdict]
    who = f"rule “{decision.rule}”" if decision.by == RULE else decision.rule or decision.by
    parts = [f"({decision.id}) {verdict} by {who}"]
    if decision.reason:
        parts.append(f": {decision.reason}")
    if decision.matched is not None:
        parts.append(f", matched “{quoted(decision.matched, text)}”")
    return safe(f"{''.join(parts)}, {_when(decision.at, zone)}")


def quoted(matched: Matched, text: str) -> str:
    """What a rule matched, as words."""
    return cut(matched if isinstance(matched, str) else text[matched[0] : matched[1]], 60)


def thread_lines(nodes: Sequence[ThreadNode], marked: int | None = None, zone: tzinfo = UTC) -> Iterator[str]:
    """The whole thread as an indented tree, each post with its number and where it stands; `marked` is pointed at.
    Walks without recursion: threads may be many thousands deep."""
    ids = {node.post_id for node in nodes}
    below: dict[int | None, list[ThreadNode]] = defaultdict(list)
    for node in nodes:
        below[node.above if node.above in ids else None].append(node)
    stack = [(node, 0) for node in reversed(below[None])]
    while stack:
        node, depth = stack.pop()
        indent = "  " * min(depth, DEEPEST) + (f"[{depth}] " if depth > DEEPEST else "")
        pointer = "→" if node.post_id == marked else " "
        yield f"{pointer} {indent}{_headline(node, zone)}"
        if node.held:
            if node.warning:
                yield f"  {indent}  warning: {cut(node.warning, WIDTH)}"
            yield from _wrapped(node.text, f"  {indent}  ", 4)
        stack.extend((child, depth + 1) for child in reversed(below[node.post_id]))


def _headline(node: ThreadNode, zone: tzinfo) -> str:
    if not node.held:
        return f"({node.gone or 'not held'}: a post on {cut(_network(node.network), 30)})"
    parts = [
        f"#{node.post_id}",
        _MARK[node.status],
        _name(node.handle, node.display_name),
        _network(node.network),
        _when(node.published_at, zone) if node.published_at else "",
    ]
    parts += ["edited"] if node.edited_at else []
    parts += ["featured"] if node.featured else []
    parts += [node.gone] if node.gone else []
    return "  ".join(cut(part, 60) for part in parts if part)


def _network(origin: str) -> str:
    """The word that `--network` and rules take."""
    return "mastodon" if origin == "activitypub" else origin


def _name(handle: str | None, display_name: str | None) -> str:
    if handle:
        return f"@{handle.lstrip('@')}"
    return display_name or "author unknown"


def _when(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _wrapped(text: str, indent: str, most: int) -> Iterator[str]:
    """The first lines of a post, wrapped; says how much is left out."""
    width = max(WIDTH - len(indent), 40)
    lines: list[str] = []
    for paragraph in text[: width * most * 4].splitlines():
        lines += textwrap.wrap(safe(paragraph), width) or [""]
        if len(lines) > most:
            break
    lines = [line for line in lines if line]
    yield from (f"{indent}{line}" for line in lines[:most])
    if len(lines) > most or len(text) > width * most * 4:
        yield f"{indent}… ({len(text)} characters in all)"
