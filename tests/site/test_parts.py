"""Where long discussions are cut: every post on one page, and what comes or goes moves next to nothing."""

from __future__ import annotations

import hashlib
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.site.parts import MOST, SURE, Part, part_path, parts

Pages = dict[str, tuple[int, ...]]  # a page's name -> the posts on it, in reading order


def name(post: int) -> str:
    return "p" + hashlib.blake2b(str(post).encode(), digest_size=8).hexdigest()


class Thread:
    """Posts by number; each answers another one, at a place among its answers. 0 is the first."""

    def __init__(self) -> None:
        self.answers: dict[int, list[int]] = {0: []}
        self.parent: dict[int, int] = {}

    def add(self, post: int, to: int, at: int | None = None) -> None:
        here = self.answers[to]
        here.insert(len(here) if at is None else at, post)
        self.answers[post] = []
        self.parent[post] = to

    def take(self, post: int) -> None:
        assert not self.answers.pop(post)
        self.answers[self.parent.pop(post)].remove(post)

    def order(self) -> list[int]:
        found: list[int] = []
        stack = [0]
        while stack:
            found.append(stack.pop())
            stack.extend(reversed(self.answers[found[-1]]))
        return found

    def parts(self) -> tuple[list[int], tuple[Part, ...]]:
        order = self.order()
        place = {post: at for at, post in enumerate(order)}
        above = [place[self.parent[post]] if post else -1 for post in order]
        return order, parts(above, lambda at: name(order[at]))

    def pages(self) -> Pages:
        order, made = self.parts()
        return {part.name: tuple(order[at] for at in part.places) for part in made}


def grown(seed: int, size: int, kind: str) -> Thread:
    rng = random.Random(seed)
    thread = Thread()
    for post in range(1, size):
        recent = range(max(0, post - 60), post)
        to = {
            "flat": 0,
            "chain": post - 1,
            "mixed": 0 if rng.random() < 0.5 else rng.randrange(post),
            "lively": 0 if rng.random() < 0.3 else rng.choice(recent),
            "tangled": rng.randrange(post),
        }[kind]
        thread.add(post, to)
    return thread


KINDS = ("flat", "chain", "mixed", "lively", "tangled")
threads = st.builds(grown, st.integers(0, 10_000), st.integers(1, 900), st.sampled_from(KINDS))


@given(threads)
@settings(max_examples=60, deadline=None)
def test_every_post_is_on_one_page_in_reading_order_and_no_page_is_too_long(thread: Thread) -> None:
    order, made = thread.parts()
    assert sorted(at for part in made for at in part.places) == list(range(len(order)))
    assert all(list(part.places) == sorted(part.places) and 0 < len(part.places) <= MOST for part in made)
    assert len({part.name for part in made}) == len(made) and made[0].name == "" and made[0].places[0] == 0


@given(threads)
@settings(max_examples=60, deadline=None)
def test_the_pages_of_a_list_lead_to_one_another_and_each_list_hangs_on_a_page(thread: Thread) -> None:
    order, made = thread.parts()
    stands = {at: number for number, part in enumerate(made) for at in part.places}
    for number, part in enumerate(made):
        if part.later is not None:
            assert made[part.later].earlier == number and made[part.later].below == part.below
        if part.earlier is None and number:
            assert part.name == f"r{name(order[part.below])[1:]}"
            assert stands[part.below] < number
        elif number:
            assert part.name == name(order[part.places[0]])


def test_a_thread_that_fits_a_page_is_one() -> None:
    for kind in KINDS:
        assert list(grown(1, MOST, kind).pages()) == [""]
        assert len(grown(1, MOST + 1, kind).pages()) > 1


def test_names_made_alike_by_somebody_stay_two_pages() -> None:
    count = 400
    made = parts([-1] + [0] * (count - 1), lambda at: "p" + "0" * 16)
    assert len({part.name for part in made}) == len(made)
    assert sum(len(part.places) for part in made) == count


def test_a_pages_address_is_the_threads_own_with_its_name() -> None:
    assert part_path("talk/abc.html", "") == "talk/abc.html"
    assert part_path("talk/abc.html", "p12") == "talk/abc-p12.html"


# --- what changes -----------------------------------------------------------------------------------------------------


@given(threads, st.data())
@settings(max_examples=60, deadline=None)
def test_a_reply_that_divides_no_page_changes_one_alone(thread: Thread, data: st.DataObject) -> None:
    before = thread.pages()
    to = data.draw(st.sampled_from(thread.order()))
    thread.add(10_000, to, data.draw(st.integers(0, len(thread.answers[to]))))
    after = thread.pages()
    assert sorted(post for posts in after.values() for post in posts) == sorted(thread.answers)
    if after.keys() == before.keys():
        (page,) = (page for page in after if after[page] != before[page])
        assert [post for post in after[page] if post != 10_000] == list(before[page])


@given(st.integers(0, 10_000), st.integers(MOST + 2, 900), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_what_comes_or_leaves_amid_a_list_touches_no_page_before_and_none_behind_the_next_sure_cut(
    seed: int, size: int, comes: bool, data: st.DataObject
) -> None:
    thread = grown(seed, size, "flat")
    order = thread.order()
    at = data.draw(st.integers(1, size - 1))
    before = thread.pages()
    if comes:
        thread.add(10_000, 0, at - 1)
    else:
        thread.take(order[at])
    after = thread.pages()
    nearest = next(posts[0] for posts in before.values() if order[at - 1] in posts)
    sure = next((number for number in range(at + 1, size) if _sure(order[number])), size)
    for page, posts in before.items():
        first = order.index(posts[0])
        if first < order.index(nearest) or first >= sure:
            assert after[page] == posts


def _sure(post: int) -> bool:
    return int(name(post)[1:9], 16) / 2**32 < SURE


def test_where_replies_come_in_their_order_no_post_moves_once_the_thread_has_pages() -> None:
    thread = grown(5, MOST + 1, "flat")
    before = thread.pages()
    for post in range(MOST + 1, 700):
        thread.add(post, 0)
        after = thread.pages()
        assert all(after[page][: len(posts)] == posts for page, posts in before.items())
        before = after


def _moved(before: Pages, after: Pages) -> int:
    stands = {post: page for page, posts in after.items() for post in posts}
    return sum(stands.get(post, page) != page for page, posts in before.items() for post in posts)


def test_while_threads_grow_everywhere_a_post_moves_once_in_two_lives() -> None:
    for kind in ("chain", "mixed", "lively"):
        whole = grown(7, 700, kind)
        thread = Thread()
        moved = 0
        before = thread.pages()
        for post in range(1, 700):
            thread.add(post, whole.parent[post])
            after = thread.pages()
            moved += _moved(before, after)
            before = after
        assert moved < 700 / 2, kind


def test_of_late_found_and_withdrawn_replies_six_in_seven_change_one_page() -> None:
    for kind in ("flat", "mixed", "lively"):
        thread = grown(3, 1_200, kind)
        rng = random.Random(3)
        changed: list[int] = []
        before = thread.pages()
        for post in range(10_000, 10_100):
            leaves = [each for each, answers in thread.answers.items() if not answers and each]
            if post % 2:
                thread.take(rng.choice(leaves))
            else:
                to = 0 if rng.random() < 0.5 else rng.choice(leaves)
                thread.add(post, to, rng.randrange(len(thread.answers[to]) + 1))
            after = thread.pages()
            changed.append(sum(before.get(page) != after.get(page) for page in {*before, *after}))
            before = after
        assert sum(number <= 1 for number in changed) > 6 / 7 * 100, kind
