"""Moderators and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Each may do what the one below it may."""

    ADMIN = "admin"  # rules, reasons; everywhere: the team
    MODERATOR = "moderator"  # decide, remove, add, trust and block, stop publishing
    VIEWER = "viewer"  # look

    def covers(self, other: Role) -> bool:
        order = (Role.VIEWER, Role.MODERATOR, Role.ADMIN)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Moderator:
    """One person of the team. `name` may be a pseudonym; the log keeps it. `role` holds in every campaign that has no
    entry in `roles` (by campaign id); None: in none. `languages`: of the posts on whose queue they open, none for all;
    `keys`: the keys they changed, by action, and {"off": "1"} when single letters do nothing."""

    id: int
    name: str
    role: Role | None
    roles: Mapping[int, Role] = field(default_factory=dict)
    mail: str | None = None
    languages: tuple[str, ...] = ()
    interface: str | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    has_password: bool = False
    made_at: datetime | None = None
    signed_in_at: datetime | None = None
    disabled_at: datetime | None = None

    def role_in(self, campaign_id: int) -> Role | None:
        return self.roles.get(campaign_id, self.role)

    def may(self, role: Role, campaign_id: int) -> bool:
        """Whether the person's role in the campaign covers `role`."""
        own = self.role_in(campaign_id)
        return own is not None and self.disabled_at is None and own.covers(role)
