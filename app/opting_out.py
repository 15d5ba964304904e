"""Somebody asks not to be collected, of whom nothing is held: noted by digests, so that nobody is named, and heard when
posts come in."""

from __future__ import annotations

from ..collector import registry
from ..core.errors import UsageError
from ..core.tongue import said
from ..storage import forget as store_forget
from ..storage import optouts
from ..storage.tombstones import Tombstone
from . import withdrawals_file
from .withdrawal_key import digest_with
from .workplace import Workplace


def names_of(account: str) -> tuple[tuple[str, str], ...]:
    """Under which names posts of this account would come in, on whichever network it is. Raises UsageError for what
    names no account."""
    found = tuple(name for network in registry.names() for name in registry.load(network).people(account))
    if not found:
        raise UsageError(
            said("%(account)s names no account", account=account),
            "Write @name on X, @name@server in the fediverse, @name.bsky.social on Bluesky, or the account's page.",
        )
    return found


def opt_out(place: Workplace, account: str, by: str) -> None:
    """Whoever has this account is not collected from now on. Raises UsageError for what names no account, and where
    something of it is held: that is withdrawn instead."""
    digest_of, now = digest_with(place.key), place.clock.now()
    digests = [digest_of(*name) for name in names_of(account)]
    with place.store.writing() as connection:
        plan = store_forget.plan(connection, account)
        if not plan.is_empty:
            raise UsageError(
                said("of %(account)s something is held", account=account), "Withdraw it: tagora forget, or “Remove”."
            )
        optouts.put(connection, digests, by, now)
        withdrawals_file.note(place.loaded, [Tombstone(now, optouts.OUT, digest) for digest in digests])


def take_back(place: Workplace, account: str) -> None:
    """Whoever has this account is collected again. Raises UsageError where nobody asked otherwise."""
    digest_of, now = digest_with(place.key), place.clock.now()
    digests = [digest_of(*name) for name in names_of(account)]
    with place.store.writing() as connection:
        if not optouts.take_back(connection, digests):
            raise UsageError(f"{account} did not ask not to be collected", "Nothing was changed.")
        withdrawals_file.note(place.loaded, [Tombstone(now, optouts.IN, digest) for digest in digests])
