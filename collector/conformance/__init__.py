"""What every platform adapter must hold, as plain functions: importable, so that an adapter living elsewhere can be
held to the same.

    @pytest.mark.parametrize("check", conformance.CHECKS, ids=lambda check: check.__name__)
    def test_it_conforms(check, bench):
        check(bench)

A check returns None or raises AssertionError. It needs a `Bench`: the platform beside a server that answers like the
network (the sandbox, a recording, a fake) and can be broken on purpose. Only the check of damaged items needs
Hypothesis (the extra `test`), imported when it runs.
"""

from __future__ import annotations

from collections.abc import Callable

from .bench import EXPECTED, MAX_PAGES, USER_AGENT, Bench, Fault, seen, through_json, walk
from .failing import (
    after_a_fault_the_same_session_works,
    each_fault_becomes_the_error_that_names_its_recovery,
    no_secret_is_told_to_anybody,
)
from .mapping import (
    a_posts_address_leads_back_to_it,
    damaged_items_map_or_are_bad_items,
    each_item_maps_or_is_a_bad_item,
    sound,
    strange_addresses_name_nothing,
)
from .walking import (
    a_finished_walk_leaves_nothing_new_above_its_mark,
    a_walk_gives_pages_and_ends_without_a_cursor,
    an_empty_purse_stops_before_the_request,
    connecting_makes_no_request,
    cursors_round_trip_through_json,
    each_page_is_reserved_before_its_one_request,
    resuming_reads_nothing_again,
    stopping_after_any_page_and_resuming_gives_the_same_posts,
)

Check = Callable[[Bench], None]

CHECKS: tuple[Check, ...] = (
    connecting_makes_no_request,
    a_walk_gives_pages_and_ends_without_a_cursor,
    cursors_round_trip_through_json,
    stopping_after_any_page_and_resuming_gives_the_same_posts,
    resuming_reads_nothing_again,
    a_finished_walk_leaves_nothing_new_above_its_mark,
    each_page_is_reserved_before_its_one_request,
    an_empty_purse_stops_before_the_request,
    each_fault_becomes_the_error_that_names_its_recovery,
    after_a_fault_the_same_session_works,
    no_secret_is_told_to_anybody,
    each_item_maps_or_is_a_bad_item,
    a_posts_address_leads_back_to_it,
    strange_addresses_name_nothing,
    damaged_items_map_or_are_bad_items,
)

__all__ = [
    "CHECKS",
    "EXPECTED",
    "MAX_PAGES",
    "USER_AGENT",
    "Bench",
    "Check",
    "Fault",
    "a_finished_walk_leaves_nothing_new_above_its_mark",
    "a_posts_address_leads_back_to_it",
    "a_walk_gives_pages_and_ends_without_a_cursor",
    "after_a_fault_the_same_session_works",
    "an_empty_purse_stops_before_the_request",
    "connecting_makes_no_request",
    "cursors_round_trip_through_json",
    "damaged_items_map_or_are_bad_items",
    "each_fault_becomes_the_error_that_names_its_recovery",
    "each_item_maps_or_is_a_bad_item",
    "each_page_is_reserved_before_its_one_request",
    "no_secret_is_told_to_anybody",
    "resuming_reads_nothing_again",
    "seen",
    "sound",
    "stopping_after_any_page_and_resuming_gives_the_same_posts",
    "strange_addresses_name_nothing",
    "through_json",
    "walk",
]
