"""What a rule can ask of a post: conditions, and groups of them. Each tells what of the post fulfils it.
Those on words and patterns are in core.wording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Protocol

from .folding import fold
from .records import MediaKind
from .tongue import ENGLISH, Tongue

Matched = tuple[int, int] | str  # a stretch of the text in code points, or what matched elsewhere, in words

_DAY = 86_400


class Stands(StrEnum):
    TRUSTED = "trusted"
    BLOCKED = "blocked"


class Need(StrEnum):
    """Facts that cost a query of their own, loaded only when a rule asks for them."""

    LINKS = "links"
    MEDIA = "media"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the post: its host and where it stands in the text."""

    host: str
    start: int
    end: int


@dataclass(frozen=True)
class Facts:
    """What rules may know of a post. `near_hours`: for every other held post with a near-duplicate text, how many hours
    apart the two were published."""

    text: str
    published_at: datetime
    network: str  # the ref's origin
    via: str
    title: str | None = None
    warning: str | None = None
    alts: tuple[str, ...] = ()
    language: str | None = None
    unlisted: bool = False
    limited: bool = False  # only a person may publish it, by its author's wishes (core/wishes.py)
    handle: str | None = None
    account_created_at: datetime | None = None
    stands: Stands | None = None
    links: tuple[Link, ...] = ()
    media: tuple[str, ...] = ()
    near_hours: tuple[float, ...] = ()

    @property
    def tagged(self) -> bool:
        return self.via == "tag"

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def elsewhere(self) -> tuple[str, ...]:
        """What else people read: title, warning, descriptions of media."""
        return tuple(part for part in (self.title, self.warning, *self.alts) if part)


class Condition(Protocol):
    needs: ClassVar[Need | None]

    def match(self, facts: Facts) -> Matched | None:
        """What of the post fulfils it, or None when it does not."""
        ...

    def describe(self, say: Tongue = ENGLISH) -> str:
        """Half a sentence that goes on after "when"."""
        ...


# --- conditions on what is written or shown -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Links:
    """So many links; with domains, so many to these domains or below them."""

    needs: ClassVar[Need | None] = Need.LINKS
    at_least: int = 1
    at_most: int | None = None
    domains: tuple[str, ...] = ()

    def match(self, facts: Facts) -> Matched | None:
        counted = [link for link in facts.links if not self.domains or self._listed(link.host)]
        if len(counted) < self.at_least or (self.at_most is not None and len(counted) > self.at_most):
            return None
        return (counted[0].start, counted[0].end) if counted else "no link"

    def _listed(self, host: str) -> bool:
        return any(host == domain or host.endswith(f".{domain}") for domain in self.domains)

    def describe(self, say: Tongue = ENGLISH) -> str:
        number = _number(say, self.at_least, self.at_most)
        most = self.at_least if self.at_most is None else self.at_most
        if not self.domains:
            return say.ngettext("it has %(number)s link", "it has %(number)s links", most) % {"number": number}
        told = say.ngettext("it has %(number)s link to %(domains)s", "it has %(number)s links to %(domains)s", most)
        return told % {"number": number, "domains": either(self.domains, say)}


@dataclass(frozen=True, slots=True)
class MediaCount:
    """So many media; with kinds, so many of these kinds."""

    needs: ClassVar[Need | None] = Need.MEDIA
    at_least: int = 1
    at_most: int | None = None
    kinds: tuple[MediaKind, ...] = ()

    def match(self, facts: Facts) -> Matched | None:
        counted = [kind for kind in facts.media if not self.kinds or kind in self.kinds]
        if len(counted) < self.at_least or (self.at_most is not None and len(counted) > self.at_most):
            return None
        return f"{len(counted)} media"

    def describe(self, say: Tongue = ENGLISH) -> str:
        number = _number(say, self.at_least, self.at_most)
        most = self.at_least if self.at_most is None else self.at_most
        if not self.kinds:
            return say.ngettext("it has %(number)s medium", "it has %(number)s media", most) % {"number": number}
        told = say.ngettext("it has %(number)s medium (%(kinds)s)", "it has %(number)s media (%(kinds)s)", most)
        return told % {"number": number, "kinds": either([kind.value for kind in self.kinds], say)}


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """At least so many other posts say nearly the same within so many hours before or after."""

    needs: ClassVar[Need | None] = Need.NEAR
    at_least: int
    hours: float

    def match(self, facts: Facts) -> Matched | None:
        count = sum(hours <= self.hours for hours in facts.near_hours)
        return f"{count} near-duplicates" if count >= self.at_least else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        told = say.ngettext(
            "at least %(number)s other post says nearly the same within %(hours)s hours",
            "at least %(number)s other posts say nearly the same within %(hours)s hours",
            self.at_least,
        )
        return told % {"number": self.at_least, "hours": f"{self.hours:g}"}


# --- conditions on where it comes from -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Authors:
    """Written by one of these handles, without @, casefolded."""

    needs: ClassVar[Need | None] = None
    handles: tuple[str, ...]

    def match(self, facts: Facts) -> Matched | None:
        handle = (facts.handle or "").lstrip("@")
        return f"@{handle}" if handle and handle.casefold() in self.handles else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext("its author is %(which)s") % {
            "which": either([f"@{handle}" for handle in self.handles], say)
        }


@dataclass(frozen=True, slots=True)
class Networks:
    """Comes from one of these networks; `origins` are what refs call them."""

    needs: ClassVar[Need | None] = None
    origins: tuple[str, ...]

    def match(self, facts: Facts) -> Matched | None:
        return facts.network if facts.network in self.origins else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext("it comes from %(which)s") % {"which": either(self.origins, say)}


@dataclass(frozen=True, slots=True)
class Languages:
    """Is in one of these languages; None stands for a post whose language nobody knows."""

    needs: ClassVar[Need | None] = None
    languages: tuple[str | None, ...]

    def match(self, facts: Facts) -> Matched | None:
        return (facts.language or "unknown") if facts.language in self.languages else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        which = [language or say.gettext("unknown") for language in self.languages]
        return say.gettext("its language is %(which)s") % {"which": either(which, say)}


@dataclass(frozen=True, slots=True)
class Via:
    """Came into the campaign in one of these ways."""

    needs: ClassVar[Need | None] = None
    ways: tuple[str, ...]

    def match(self, facts: Facts) -> Matched | None:
        return facts.via if facts.via in self.ways else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext("it came by %(which)s") % {"which": either(self.ways, say)}


@dataclass(frozen=True, slots=True)
class AccountAge:
    """The author's account was younger than `below` or older than `above` days when the post was written. An account
    of unknown age is neither."""

    needs: ClassVar[Need | None] = None
    below: float | None = None
    above: float | None = None

    def match(self, facts: Facts) -> Matched | None:
        if facts.account_created_at is None:
            return None
        days = (facts.published_at - facts.account_created_at).total_seconds() / _DAY
        if (self.below is not None and days >= self.below) or (self.above is not None and days <= self.above):
            return None
        return f"account of {max(days, 0):.0f} days"

    def describe(self, say: Tongue = ENGLISH) -> str:
        below, above = (None if days is None else f"{days:g}" for days in (self.below, self.above))
        if above is None:
            return say.gettext("its author's account is younger than %(below)s days") % {"below": below}
        if below is None:
            return say.gettext("its author's account is older than %(above)s days") % {"above": above}
        told = say.gettext("its author's account is younger than %(below)s days and older than %(above)s days")
        return told % {"below": below, "above": above}


_YES_NO = {
    "tagged": ("it carries the campaign's tag", "it does not carry the campaign's tag"),
    "unlisted": ("it is unlisted", "it is not unlisted"),
    "warning": ("it has a content warning", "it has no content warning"),
    "trusted": ("its author is trusted", "its author is not trusted"),
}


@dataclass(frozen=True, slots=True)
class YesNo:
    """One of tagged, unlisted, warning, trusted is as asked."""

    needs: ClassVar[Need | None] = None
    fact: str
    wanted: bool

    def match(self, facts: Facts) -> Matched | None:
        holds = {
            "tagged": facts.tagged,
            "unlisted": facts.unlisted,
            "warning": bool(facts.warning),
            "trusted": facts.stands is Stands.TRUSTED,
        }[self.fact]
        return (self.fact if holds else f"not {self.fact}") if holds is self.wanted else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext(_YES_NO[self.fact][0 if self.wanted else 1])


# --- groups ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All:
    """Every one holds. What matched is the first stretch of text, or else the first match."""

    conditions: tuple[Part, ...]

    def match(self, facts: Facts) -> Matched | None:
        best: Matched | None = None
        for condition in self.conditions:
            matched = condition.match(facts)
            if matched is None:
                return None
            if best is None or (isinstance(best, str) and not isinstance(matched, str)):
                best = matched
        return best

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext(" and ").join(condition.describe(say) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    conditions: tuple[All, ...]

    def match(self, facts: Facts) -> Matched | None:
        for condition in self.conditions:
            if (matched := condition.match(facts)) is not None:
                return matched
        return None

    def describe(self, say: Tongue = ENGLISH) -> str:
        which = say.gettext(" or ").join(condition.describe(say) for condition in self.conditions)
        return say.gettext("either %(which)s") % {"which": which}


@dataclass(frozen=True, slots=True)
class Not:
    """The condition (all of it together) does not hold."""

    condition: All

    def match(self, facts: Facts) -> Matched | None:
        return "nothing of what was excepted" if self.condition.match(facts) is None else None

    def describe(self, say: Tongue = ENGLISH) -> str:
        return say.gettext("it is not so that %(what)s") % {"what": self.condition.describe(say)}


Part = Condition | All | AnyOf | Not


def needs_of(group: All | AnyOf) -> Iterator[Need]:
    """What must be looked up before the group can be asked."""
    for condition in group.conditions:
        if isinstance(condition, All | AnyOf):
            yield from needs_of(condition)
        elif isinstance(condition, Not):
            yield from needs_of(condition.condition)
        elif condition.needs:
            yield condition.needs


def either(items: Sequence[str], say: Tongue = ENGLISH) -> str:
    """The items in quotes, the first five of many."""
    shown = [say.gettext("“%(item)s”") % {"item": item} for item in items[:5]]
    if len(items) > 5:
        shown.append(say.gettext("one of %(number)s more") % {"number": len(items) - 5})
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])}{say.gettext(' or ')}{shown[-1]}"


def _number(say: Tongue, at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return say.gettext("at least %(number)s") % {"number": at_least}
    if at_least == at_most:
        return say.gettext("exactly %(number)s") % {"number": at_least}
    return say.gettext("%(least)s to %(most)s") % {"least": at_least, "most": at_most}
