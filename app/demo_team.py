"""The demo's team, and a queue as one finds it in mid-work: a question to a colleague, a note, a post at somebody."""

from __future__ import annotations

from datetime import timedelta

from ..core.moderators import Role
from ..review import claims, notes, people
from ..review.passwords import Passwords
from ..storage.queue import QueueFilter, queue
from .workplace import Workplace

NAME, COLLEAGUE = "Vera", "Bruno"
PASSWORD = "networker a colori"  # of a made-up person, on a server that only this machine reaches
AT_BRUNO = timedelta(hours=1)


def settle_in(place: Workplace, slug: str) -> None:
    """Lets Vera into the review app, and leaves her what Bruno left there."""
    campaign_id, now = place.campaign_id(slug), place.clock.now()
    passwords = Passwords()
    with place.store.writing() as connection:
        for name, role in ((NAME, Role.ADMIN), (COLLEAGUE, Role.MODERATOR)):
            person, _ = people.add(connection, name, role, now)
            if name == NAME:
                people.set_password(connection, person.id, passwords.hashed(PASSWORD))
        waiting = queue(connection, QueueFilter(campaign_id=campaign_id, order="urgent"), limit=12).items
        if len(waiting) < 12:
            return
        asked, noted, opened = waiting[3], waiting[5], waiting[7]
        notes.remark(connection, campaign_id, asked.post_id, "È ironia o fa sul serio?", COLLEAGUE, now, asks=NAME)
        notes.remark(connection, campaign_id, noted.post_id, "Da leggere insieme al post sopra.", COLLEAGUE, now)
        claims.open_post(connection, campaign_id, opened.post_id, COLLEAGUE, now, AT_BRUNO)
