"""Rules as people write them: a YAML list. Every error names the line, the rule and the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from .conditions import (
    AccountAge,
    All,
    AnyOf,
    Authors,
    Languages,
    Links,
    MediaCount,
    NearDuplicates,
    Networks,
    Not,
    Part,
    Via,
    YesNo,
)
from .decisions import Verdict
from .errors import ConfigError
from .folding import fold
from .records import MediaKind
from .rules import RESERVED_NAMES, Rule
from .wording import Patterns, Words
from .yaml_lines import Document, Path, parse

MAX_RULES = 500
MAX_ITEMS = 2_000  # words, domains, handles in one list
MAX_CHARACTERS = 1_000  # of a word or pattern
MAX_NAME = 80

ACTIONS = {
    "accept": Verdict.APPROVE,
    "hold": Verdict.HOLD,
    "reject": Verdict.REJECT,
    "flag": Verdict.FLAG,
    "log": Verdict.LOG,
}
WAYS = ("tag", "opener", "conversation", "context", "quote", "page", "hand")
# Whatever server a post of the fediverse was seen on, its ref's origin is one.
ORIGINS = {"mastodon": "activitypub", "fediverse": "activitypub", "twitter": "x"}


def read_rules(text: str, name: str = "rules") -> tuple[Rule, ...]:
    """The rules in a YAML text; `name` is what errors call the text. Raises ConfigError."""
    return rules_in(parse(text, name))


def rules_in(document: Document, data: Any = ..., at: Path = ()) -> tuple[Rule, ...]:
    """The rules that stand in `document` at the path `at` (`data` is what stands there). Raises ConfigError."""
    data = document.data if data is ... else data
    if data is None or data == []:
        return ()
    reader = _Reader(document)
    items = reader.items(data, at, "rules", dict)
    if len(items) > MAX_RULES:
        raise reader.error(at, f"{len(items)} rules are too many", f"Keep to {MAX_RULES}.")
    rules: list[Rule] = []
    for index, item in enumerate(items):
        rule = reader.rule(item, (*at, index), index)
        if any(rule.name == earlier.name for earlier in rules):
            raise reader.error((*at, index, "name"), f"two rules are called “{rule.name}”", "Rename one of them.")
        rules.append(rule)
    return tuple(rules)


def write_rules(data: Sequence[Mapping[str, Any]]) -> str:
    """Plain rules data (as config.yaml gives it) as the YAML text that a ruleset keeps."""
    return yaml.safe_dump([dict(rule) for rule in data], allow_unicode=True, sort_keys=False) if data else "[]\n"


class _Reader:
    """Walks one document; `of` is how the rule being read is called in errors."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._of = ""

    def error(self, at: Path, message: str, hint: str = "") -> ConfigError:
        return ConfigError(f"{self._of}{message}", hint, where=self._document.where(at))

    def rule(self, data: dict[str, Any], at: Path, index: int) -> Rule:
        self._of = f"rule {index + 1}: "
        name = self.line(data.get("name"), (*at, "name"), "name", MAX_NAME)
        if name in RESERVED_NAMES:
            raise self.error((*at, "name"), f"the name “{name}” is kept for Tagora's own decisions", "Choose another.")
        self._of = f"rule “{name}”: "
        self._known(data, at, ("name", "when", "then", "reason"))
        then = data.get("then")
        if then not in ACTIONS:
            raise self.error((*at, "then"), f"`then` cannot be {then!r}", f"Write one of {', '.join(ACTIONS)}.")
        reason = data.get("reason")
        if reason is not None:
            reason = self.line(reason, (*at, "reason"), "reason", 500)
        return Rule(name, self.group(data.get("when"), (*at, "when"), "when"), ACTIONS[then], reason)

    def group(self, data: Any, at: Path, key: str) -> All:
        """Conditions that must all hold."""
        if not isinstance(data, dict) or not data:
            raise self.error(at, f"`{key}` needs at least one condition", f"Such as {key}: {{words: [spam]}}.")
        self._known(data, at, tuple(_CONDITIONS))
        return All(tuple(_CONDITIONS[name](self, value, (*at, name), name) for name, value in data.items()))

    def _known(self, data: dict[str, Any], at: Path, keys: Sequence[str]) -> None:
        for key in data:
            if key not in keys:
                raise self.error((*at, key), f"the key `{key}` is not known", f"Known are {', '.join(keys)}.")

    # --- values

    def line(self, value: Any, at: Path, key: str, limit: int) -> str:
        if not isinstance(value, str) or not value.strip() or "\n" in value.strip() or len(value) > limit:
            raise self.error(at, f"`{key}` must be one line of text", f"Up to {limit} characters.")
        return value.strip()

    def items(self, value: Any, at: Path, key: str, kind: type) -> list[Any]:
        """A list without emptiness; one item may stand alone."""
        values = value if isinstance(value, list) else [value]
        if not values or len(values) > MAX_ITEMS:
            raise self.error(at, f"`{key}` needs a list of 1 to {MAX_ITEMS} entries")
        for index, item in enumerate(values):
            if isinstance(item, bool) and kind is str:
                raise self.error((*at, index), f"`{key}`: YAML takes this word for yes or no", 'Put it in "quotes".')
            if not isinstance(item, kind):
                wanted = "a text" if kind is str else "a set of keys"
                raise self.error((*at, index), f"`{key}`: {item!r} is not {wanted}")
        return values

    def texts(self, value: Any, at: Path, key: str) -> list[str]:
        numbers_too = value if isinstance(value, list) else [value]
        spelled = [str(v) if isinstance(v, int | float) and not isinstance(v, bool) else v for v in numbers_too]
        texts = self.items(spelled, at, key, str)
        for index, text in enumerate(texts):
            if not text.strip() or len(text) > MAX_CHARACTERS:
                raise self.error((*at, index), f"`{key}`: an entry has 1 to {MAX_CHARACTERS} characters")
        return texts

    def number(self, value: Any, at: Path, key: str, least: float, *, whole: bool) -> float:
        kinds = int if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= 1_000_000:
            raise self.error(
                at, f"`{key}` cannot be {value!r}", f"Write a {'whole ' if whole else ''}number from {least:g}."
            )
        return value

    def numbers(self, data: Any, at: Path, key: str, known: Sequence[str]) -> dict[str, Any]:
        """A mapping with some of the known keys."""
        if not isinstance(data, dict) or not data:
            raise self.error(at, f"`{key}` needs some of the keys {', '.join(known)}")
        self._known(data, at, known)
        return data


# --- one function per condition: (reader, value, path, key) -> condition ---------------------------------------------


def _words(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    words = reader.texts(value, at, key)
    for index, word in enumerate(words):
        if not fold(word).strip():
            raise reader.error((*at, index), f"`{key}`: nothing of {word!r} can be looked for")
    try:
        return Words(words)
    except ValueError as error:
        raise reader.error(at, f"`{key}` cannot be looked for: {error}", "Use shorter or fewer words.") from None


def _regex(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    patterns = reader.texts(value, at, key)
    for index, pattern in enumerate(patterns):
        try:
            if Patterns([pattern]).finds(""):
                raise reader.error((*at, index), f"`{key}`: {pattern!r} matches every post, even an empty one")
        except ValueError as error:
            raise reader.error(
                (*at, index),
                f"`{key}`: {pattern!r} is not a regular expression: {error}",
                "The syntax is RE2's: no back-references, no look-around.",
            ) from None
    return Patterns(patterns)


def _author(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    return Authors(tuple(handle.strip().lstrip("@").casefold() for handle in reader.texts(value, at, key)))


def _network(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    names = [name.strip().lower() for name in reader.texts(value, at, key)]
    return Networks(tuple(ORIGINS.get(name, name) for name in names))


def _language(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    languages: list[str | None] = []
    for index, language in enumerate(reader.texts(value, at, key)):
        code = language.strip().lower()
        if code != "unknown" and not (code.isascii() and code.isalpha() and len(code) in (2, 3)):
            raise reader.error((*at, index), f"`{key}`: {language!r} is no language", "Write it, en, de … or unknown.")
        languages.append(None if code == "unknown" else code)
    return Languages(tuple(languages))


def _via(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    ways = reader.texts(value, at, key)
    for index, way in enumerate(ways):
        if way not in WAYS:
            raise reader.error((*at, index), f"`{key}` cannot be {way!r}", f"Write one of {', '.join(WAYS)}.")
    return Via(tuple(ways))


def _account_age(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    data = reader.numbers(value, at, key, ("below", "above"))
    return AccountAge(**{name: reader.number(days, (*at, name), name, 0, whole=False) for name, days in data.items()})


def _bounds(reader: _Reader, data: dict[str, Any], at: Path) -> dict[str, Any]:
    bounds = {
        name: int(reader.number(data[name], (*at, name), name, 0, whole=True))
        for name in ("at_least", "at_most")
        if name in data
    }
    if "at_most" in bounds:
        bounds.setdefault("at_least", 0)
        if bounds["at_most"] < bounds["at_least"]:
            raise reader.error((*at, "at_most"), "`at_most` is less than `at_least`")
    elif bounds.get("at_least") == 0:
        raise reader.error((*at, "at_least"), "`at_least: 0` is always so", "Write at_most: 0 for none.")
    return bounds


def _links(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    data = reader.numbers(value, at, key, ("at_least", "at_most", "domains"))
    domains = reader.texts(data["domains"], (*at, "domains"), "domains") if "domains" in data else []
    for index, domain in enumerate(domains):
        if "/" in domain or " " in domain.strip():
            raise reader.error((*at, "domains", index), f"`domains`: {domain!r} is no domain", "Write example.org.")
    return Links(**_bounds(reader, data, at), domains=tuple(d.strip().lower().strip(".") for d in domains))


def _media(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    data = reader.numbers(value, at, key, ("at_least", "at_most", "kinds"))
    kinds = reader.texts(data["kinds"], (*at, "kinds"), "kinds") if "kinds" in data else []
    for index, kind in enumerate(kinds):
        if kind not in list(MediaKind):
            raise reader.error(
                (*at, "kinds", index), f"`kinds` cannot be {kind!r}", f"Write one of {', '.join(MediaKind)}."
            )
    return MediaCount(**_bounds(reader, data, at), kinds=tuple(map(MediaKind, kinds)))


def _near(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    data = reader.numbers(value, at, key, ("at_least", "hours"))
    if len(data) < 2:
        raise reader.error(at, f"`{key}` needs both at_least and hours", "Such as {at_least: 3, hours: 24}.")
    return NearDuplicates(
        int(reader.number(data["at_least"], (*at, "at_least"), "at_least", 1, whole=True)),
        reader.number(data["hours"], (*at, "hours"), "hours", 0.1, whole=False),
    )


def _yes_no(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    if not isinstance(value, bool):
        raise reader.error(at, f"`{key}` cannot be {value!r}", "Write true or false.")
    return YesNo(key, value)


def _standing(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    if value not in ("trusted", "none"):
        hint = "Blocked authors are rejected before any rule is asked." if value == "blocked" else ""
        raise reader.error(at, f"`{key}` cannot be {value!r}", f"Write trusted or none. {hint}".strip())
    return YesNo("trusted", value == "trusted")


def _any(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    groups = reader.items(value, at, key, dict)
    return AnyOf(tuple(reader.group(group, (*at, index), key) for index, group in enumerate(groups)))


def _not(reader: _Reader, value: Any, at: Path, key: str) -> Part:
    return Not(reader.group(value, at, key))


_CONDITIONS: dict[str, Callable[[_Reader, Any, Path, str], Part]] = {
    "words": _words,
    "regex": _regex,
    "author": _author,
    "network": _network,
    "language": _language,
    "tagged": _yes_no,
    "via": _via,
    "account_age_days": _account_age,
    "links": _links,
    "media": _media,
    "near_duplicates": _near,
    "standing": _standing,
    "unlisted": _yes_no,
    "warning": _yes_no,
    "any": _any,
    "not": _not,
}
