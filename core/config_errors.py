"""What is wrong with a setting, as one sentence for people: what, in which file and line, what to write instead."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .errors import ConfigError
from .yaml_lines import Document, Path

_Model = TypeVar("_Model", bound=BaseModel)


def validate(kind: type[_Model], document: Document, data: Any, at: Path = ()) -> _Model:
    """`data` (what stands at `at` in `document`) as a `kind`. Raises ConfigError naming file, line and key of the
    first thing that is wrong, and how many more there are."""
    if not isinstance(data, dict):
        raise ConfigError("settings of the form `key: value` are expected here", where=document.where(at))
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise wrong(error, document, at) from None


_REASONS = {
    "date_from_datetime_parsing": "write a date like 2026-12-31",
    "date_parsing": "write a date like 2026-12-31",
    "date_type": "write a date like 2026-12-31",
    "decimal_parsing": "a number is expected",
    "decimal_type": "a number is expected",
    "int_parsing": "a whole number is expected",
    "int_type": "a whole number is expected",
    "float_parsing": "a number is expected",
    "float_type": "a number is expected",
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "dict_type": "settings of the form `key: value` are expected here",
    "model_type": "settings of the form `key: value` are expected here",
    "tuple_type": "a list is expected; begin each part with `-`",
    "string_type": "text is expected; put it in quotes if it is meant",
    "string_too_short": "write at least {min_length} characters",
    "string_too_long": "write at most {max_length} characters",
    "too_short": "the list is empty; write at least {min_length} into it",
    "too_long": "the list is too long; at most {max_length} can stand in it",
    "greater_than": "write more than {gt}",
    "greater_than_equal": "write {ge} or more",
    "less_than": "write less than {lt}",
    "less_than_equal": "write {le} or less",
    "literal_error": "write {expected}",
}


def _bound(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _reason(finding: ErrorDetails) -> str:
    if finding["input"] in (None, "") and finding["type"] != "value_error":
        return "it is empty; write a value, or take the line out"
    if finding["type"] in _REASONS:
        return _REASONS[finding["type"]].format_map(
            {key: _bound(value) for key, value in finding.get("ctx", {}).items()}
        )
    message = finding["msg"].removeprefix("Value error, ")
    return f"{message[:1].lower()}{message[1:]}"


def wrong(error: ValidationError, document: Document, at: Path = ()) -> ConfigError:
    """pydantic's findings as one sentence for people."""
    findings = sorted(error.errors(include_url=False), key=lambda finding: finding["type"] != "extra_forbidden")
    first = findings[0]
    path: Path = (*at, *(part for part in first["loc"] if isinstance(part, str | int)))
    key = _spoken(path)
    if first["type"] == "extra_forbidden":
        message, hint = f"the key `{key}` is not known", "Look for a spelling mistake; docs/settings.md lists all keys."
    elif first["type"] == "missing":
        message, hint = f"`{key}` is missing", "Add it there."
    else:
        message, hint = f"`{key}`: {_reason(first)}" if key else _reason(first), ""
    if len(findings) > 1:
        hint = f"{hint} ({len(findings) - 1} more after this one.)".strip()
    return ConfigError(message, hint, where=document.where(path))


def _spoken(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
