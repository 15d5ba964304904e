"""What the keys of the desk do, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Key(NamedTuple):
    action: str
    key: str
    label: str


def shown_keys(keys: Mapping[str, str], tell: Callable[[str], str]) -> list[Key]:
    """The list on the screen."""
    labels = {
        "next": tell("next post"),
        "previous": tell("previous post"),
        "approve": tell("approve, and go on"),
        "reject": tell("reject: then a digit for the reason, and go on"),
        "hold": tell("put aside for later, and go on"),
        "feature": tell("put the discussion at the top, or no longer"),
        "undo": tell("take back what you decided last"),
        "choose": tell("choose, or choose no longer"),
        "thread": tell("go to the open post and its conversation"),
        "original": tell("open the original at its network"),
        "pictures": tell("show the pictures"),
        "note": tell("leave a note"),
        "search": tell("search"),
        "help": tell("this list"),
    }
    return [Key(action, keys[action], label) for action, label in labels.items()]
