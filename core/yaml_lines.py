"""YAML that remembers its lines, so that an error can say where a person must look."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from .errors import ConfigError

MAX_DEPTH = 40
MAX_VALUES = 100_000  # aliases of aliases make a short text endless
_LEFT_OPEN = ("while parsing a flow", "while scanning a simple key", "while scanning a quoted")
_CUT_BY_COMMENT = re.compile(r"[\[,]\s*#")
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed YAML text: plain `data`, and the line (from 1) of every path in it."""

    name: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """ "config.yaml:12" for the nearest known ancestor of `path`."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def parse(text: str, name: str) -> Document:
    """The document in `text`; `name` is what errors call it. Raises ConfigError for anything that is not plain YAML
    with every key once."""
    lines: dict[Path, int] = {}
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        data = None if node is None else _plain(loader, node, (), lines, name)
    except yaml.MarkedYAMLError as error:
        raise _no_yaml(error, text, name) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"this is not valid YAML: {error}".split("\n")[0], where=name) from None
    except RecursionError:
        raise ConfigError("the nesting is too deep", where=name) from None
    return Document(name, data, lines)


def _no_yaml(error: yaml.MarkedYAMLError, text: str, name: str) -> ConfigError:
    """What was left open is told with the line on which it begins, not where the parser noticed."""
    left_open = (error.context or "").startswith(_LEFT_OPEN)
    mark = error.context_mark if left_open and error.context_mark else error.problem_mark or error.context_mark
    line = "".join(text.splitlines()[mark.line : mark.line + 1]) if mark else ""
    hint = "Look at the indentation, quotes and colons there."
    if left_open and _CUT_BY_COMMENT.search(line):
        hint = "A # begins a comment there: write tags without it, or in quotes."
    where = f"{name}:{mark.line + 1}" if mark else name
    return ConfigError(
        f"this is not valid YAML: {error.problem or error.context or 'cannot be read'}", hint, where=where
    )


def _plain(loader: yaml.SafeLoader, node: yaml.Node, path: Path, lines: dict[Path, int], name: str) -> Any:
    lines[path] = node.start_mark.line + 1
    if len(path) > MAX_DEPTH:
        raise ConfigError("the nesting is too deep", where=f"{name}:{lines[path]}")
    if len(lines) > MAX_VALUES:
        raise ConfigError(f"there are more than {MAX_VALUES} values", where=f"{name}:{lines[path]}")
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _value(loader, key_node, name)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise ConfigError(
                    f"the key {key!r} is not a word", "Put it in quotes if it is meant.", where=f"{name}:{line}"
                )
            if key in result:
                raise ConfigError(f"the key {key!r} stands twice", "Keep one of them.", where=f"{name}:{line}")
            result[key] = _plain(loader, value_node, (*path, key), lines, name)
            lines[(*path, key)] = line
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, child, (*path, index), lines, name) for index, child in enumerate(node.value)]
    return _value(loader, node, name)


def _value(loader: yaml.SafeLoader, node: yaml.Node, name: str) -> Any:
    try:
        return loader.construct_object(node)
    except ValueError as error:  # 2026-02-31 looks like a date
        where = f"{name}:{node.start_mark.line + 1}"
        raise ConfigError(
            f"this value cannot be read: {error}", "Put it in quotes if it is meant.", where=where
        ) from None
