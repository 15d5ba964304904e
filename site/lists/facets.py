"""What invitations can be chosen by: the people they are about, their content type, and, by the discussions they have,
network, language and month. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...presentation.formats import Formats
from ..settings import FACETS, GURU, LANGUAGE, MONTH, NETWORK, TYPE, CampaignInfo
from ..slugs import slug_of
from ..views import Choice
from .gathered import Gathered

_ENGLISH = Formats("en", "UTC")


class Value(NamedTuple):
    """Of a facet, in addresses."""

    facet: str
    slug: str


class Told(NamedTuple):
    """`name`: the value as it is written, in no interface's language. `discussions`: how many of the invitation's have
    it."""

    name: str
    discussions: int


Belonging = Mapping[Value, Told]  # what one invitation is found under


def belonging(campaign: CampaignInfo, of: Gathered) -> Belonging:
    """What the invitation is found under. Its own language counts before anybody answered."""
    told = campaign.invitation
    found: dict[Value, Told] = {}

    def named(facet: str, name: str, discussions: int) -> None:
        found.setdefault(Value(facet, slug_of(name)), Told(" ".join(name.split()), discussions))

    for guru in told.gurus if told else ():
        named(GURU, guru, of.discussions)
    if told and told.content_type:
        named(TYPE, told.content_type, of.discussions)
    for name, discussions in of.networks.items():
        named(NETWORK, name, discussions)
    languages = {code: discussions for code, discussions in of.languages.items() if _ENGLISH.tongue(code)}
    if campaign.language:
        languages.setdefault(campaign.language, 0)
    found |= {Value(LANGUAGE, code): Told(code, discussions) for code, discussions in languages.items()}
    found |= {Value(MONTH, month): Told(month, len(inside.cards)) for month, inside in of.months.items()}
    return found


def label(facet: str, name: str, formats: Formats) -> str:
    """As the interface's language calls it."""
    if facet == LANGUAGE:
        return formats.tongue(name) or name
    return formats.month(name) if facet == MONTH else name


def choices(together: Sequence[Belonging], top: str, formats: Formats) -> dict[str, tuple[Choice, ...]]:
    """Of each facet the values, each once: what most invitations have first, of those what most discussions have; but
    months by time, the newest first. Of two spellings of one name the first met is shown. `top`: where the interface's
    pages begin."""
    found: dict[str, dict[str, _Counted]] = {facet: {} for facet in FACETS}
    for one in together:
        for (facet, slug), told in one.items():
            counted = found[facet].get(slug)
            if counted is None:
                counted = found[facet][slug] = _Counted(label(facet, told.name, formats))
            counted.invitations += 1
            counted.discussions += told.discussions
    return {
        facet: tuple(
            Choice(slug, of.label, f"{top}{facet}/{slug}/", of.invitations) for slug, of in _in_order(facet, some)
        )
        for facet, some in found.items()
    }


def _in_order(facet: str, found: Mapping[str, _Counted]) -> list[tuple[str, _Counted]]:
    if facet == MONTH:
        return sorted(found.items(), key=lambda one: one[0], reverse=True)
    return sorted(found.items(), key=lambda one: (-one[1].invitations, -one[1].discussions, one[1].label, one[0]))


@dataclass(slots=True)
class _Counted:
    label: str
    invitations: int = 0
    discussions: int = 0
