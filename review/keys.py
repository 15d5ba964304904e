"""The keys of the queue: what they do unless somebody changed them, and what may be changed."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.errors import UsageError

# Action -> its key. The names are those of the desk's script and of `Moderator.keys`.
DEFAULTS: Mapping[str, str] = {
    "next": "j",
    "previous": "k",
    "approve": "a",
    "reject": "r",
    "hold": "h",
    "feature": "f",
    "undo": "u",
    "choose": "x",
    "thread": "t",
    "original": "o",
    "pictures": "p",
    "note": "n",
    "search": "/",
    "help": "?",
}
OFF = "off"  # the entry that says: single letters do nothing


def changed(wanted: Mapping[str, str], *, off: bool) -> dict[str, str]:
    """What is kept for a person who wants these keys (an empty one stands for the usual one). Raises UsageError for a
    key that is no single character, and for one that would do two things."""
    keys = dict(DEFAULTS)
    for action, written in wanted.items():
        key = written.strip().lower()
        if action not in DEFAULTS:
            raise UsageError("there is no such action for a key")
        if key and (len(key) != 1 or not key.isprintable()):
            raise UsageError("a key is one letter, digit or sign", "Leave it empty for the usual one.")
        keys[action] = key or DEFAULTS[action]
    if len(set(keys.values())) < len(keys):
        raise UsageError("one key would do two things", "Give each action a key of its own.")
    kept = {action: key for action, key in keys.items() if key != DEFAULTS[action]}
    return kept | ({OFF: "1"} if off else {})


def in_force(own: Mapping[str, str]) -> dict[str, str]:
    """Every action's key for a person who changed some; what they changed for actions that are no more is left out."""
    return {action: own.get(action, usual) for action, usual in DEFAULTS.items()}
