"""Which troubles there are: one pure list, from what is known at one moment. Each kind stands with its sentences."""

from __future__ import annotations

from dataclasses import replace

from . import campaigns, machine, sources
from .facts import Facts
from .trouble import Severity, Trouble


def troubles(facts: Facts) -> list[Trouble]:
    """Everything that people should know of, the worst first."""
    found = [
        *machine.process(facts),
        *machine.disks(facts),
        *machine.site(facts),
        *machine.backups(facts),
        *machine.places(facts),
        *sources.sources(facts),
        *campaigns.campaigns(facts),
        *campaigns.reports(facts),
        *machine.channels(facts),
    ]
    order = [Severity.FAULT, Severity.WARNING, Severity.NOTE]
    found = [replace(one, since=one.since or facts.noticed.get(one.key)) for one in found]
    return sorted(found, key=lambda one: order.index(one.severity))
