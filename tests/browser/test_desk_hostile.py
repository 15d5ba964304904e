"""Hostile posts at the desk: they run nothing, ask nobody and break neither the list nor the open post."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tagora.core.records import Entity, EntityKind, Media, MediaKind, Sighting
from tagora.storage.rulesets import add

from ..make import NOON, author, sighting
from .desk import Desk, desk
from .looking import PHONE, WIDE, beyond

pytestmark = pytest.mark.browser

SCRIPT = "<script>alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(1)><svg onload=alert(1)>"
CLOSING = "</textarea></title></script></style><iframe srcdoc='<script>alert(1)</script>'></iframe>"
TEMPLATE = "{{ 7 * 7 }} {% raw %} ${alert(1)} <a href=javascript:alert(1)>here</a>"
BACKWARDS = "\u202egnp.exe\u2066 \u202d\u2067 and no end"
ZALGO = "Z" + "\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u030a\u030b\u030c" * 40 + "algo"
CONTROL = "bell\x07 escape\x1b[31m line\u2028paragraph\u2029 soft\u00ad zero\u200b\ufeff tab\t"
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 12
TAGS = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "alert(1)") + "\U000e007f"
BAD_LINKS = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", " JaVaScRiPt:alert(1)", "vbscript:x")
RULES = """\
- name: "<img src=x onerror=alert(2)>"
  when: {words: [talk]}
  then: flag
- name: "</script><script>alert(2)</script>"
  when: {regex: "\u202e.+$"}
  then: flag
"""


def everywhere(name: str, words: str, **changes: object) -> Sighting:
    """A post that says these words in every place where a post can say something."""
    media = tuple(Media(MediaKind.IMAGE, link, link, alt=words[:1500]) for link in BAD_LINKS)
    links = tuple(Entity(at * 3, at * 3 + 2, EntityKind.LINK, link, words[:80]) for at, link in enumerate(BAD_LINKS))
    given = {
        "text": f"{words} #talk {words}",
        "title": words[:300],
        "warning": words[:300],
        "author": author(f"h{name}", handle=words[:300], display_name=words[:300], url="javascript:alert(1)"),
        "url": "javascript:alert(1)",
        "entities": links,
        "media": media,
        "lang": "en",
    }
    return sighting(name, **(given | changes))  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Desk, dict[str, int]]]:
    """The hostile posts, in one conversation; their numbers by what they are."""
    kinds = {
        "script": SCRIPT,
        "image": IMAGE,
        "closing": CLOSING,
        "template": TEMPLATE,
        "backwards": BACKWARDS,
        "zalgo": ZALGO,
        "control": CONTROL,
        "word": WORD,
        "tags": TAGS * 20,
    }
    many = tuple(
        Media(MediaKind.IMAGE, f"https://pictures.example.net/{at}.jpg", alt=f"{SCRIPT} {at}") for at in range(500)
    )
    with desk(tmp_path) as made:
        with made.place.store.writing() as connection:
            add(connection, made.campaign_id, RULES, "anna", NOON)
        seen = [sighting("root", text="What do you say? #talk")]
        seen += [everywhere(kind, words, reply_to="root") for kind, words in kinds.items()]
        seen.append(sighting("media", text="Look #talk", media=many, reply_to="root"))
        huge = [f"{number} {WORD[:500]} #talk " * times for number, times in enumerate((1_800, 180, 180))]
        seen += [sighting(f"huge{at}", text=text, reply_to="root") for at, text in enumerate(huge)]
        ids = made.arrive(*seen)
        yield made, dict(zip(("root", *kinds, "media", *(f"huge{at}" for at in range(3))), ids, strict=True))
        assert made.violations == []


def watched(place: Desk, browser: Browser, told: list[str], **given: object) -> Page:
    """A moderator's page that tells of every dialog, every breach of the policy and every request to somebody else."""
    context = place.context(browser, **given)  # type: ignore[arg-type]
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error(`${e.violatedDirective} ${e.blockedURI}`))"
    )
    page = place.page(context)

    def dismissed(dialog: Dialog) -> None:
        told.append(f"dialog {dialog.message}")
        dialog.dismiss()

    here = urlsplit(place.address).netloc
    page.on("dialog", dismissed)
    page.on("request", lambda one: told.append(one.url) if urlsplit(one.url).netloc != here else None)
    page.on("popup", lambda popup: told.append(f"popup {popup.url}"))
    return page


STRANGE = """() => [
  ...[...document.querySelectorAll('a[href], img[src], [data-picture]:not([data-picture=""])')]
    .map(e => new URL(e.dataset.picture ?? e.src ?? e.href, location).protocol)
    .filter(protocol => !['http:', 'https:'].includes(protocol)),
  ...document.querySelectorAll('main iframe, main svg, main img, main script:not(#desk), [onerror], [onload]')
].map(String)"""

# Words that turn the reading direction and have a neighbour in their line must stand in a box of their own.
TURNED = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const words = walk.currentNode;
    if (!/[\\u202a-\\u202e\\u2066-\\u2069]/.test(words.data) || words.parentElement.closest('script, option')) continue;
    for (let e = words.parentElement; ; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (/isolate|plaintext/.test(style.unicodeBidi)) break;
      if (style.display !== 'inline' && e.textContent.trim() === words.data.trim()) break;
      if (style.display !== 'inline') { found.push(e.outerHTML.slice(0, 200)); break; }
    }
  }
  return found;
}"""


def test_hostile_posts_run_nothing_and_break_nothing(browser: Browser, place: tuple[Desk, dict[str, int]]) -> None:
    agora, ids = place
    told: list[str] = []
    page = watched(agora, browser, told, viewport=PHONE, locale="en-GB")

    answer = page.goto(agora.queue)
    assert answer is not None
    assert len(answer.body()) < 500_000
    assert page.locator(".item").count() == len(ids)
    seen = {"queue": [*beyond(page), *page.evaluate(STRANGE), *page.evaluate(TURNED)]}
    tallest = page.evaluate("Math.max(...[...document.querySelectorAll('.item')].map(e => e.offsetHeight))")
    assert tallest < PHONE["height"]
    for kind in ("script", "image", "closing", "template", "backwards", "zalgo", "control", "word", "tags", "media"):
        page.goto(f"{agora.address}c/talk/posts/{ids[kind]}")
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        seen[kind] = [*beyond(page), *page.evaluate(STRANGE), *page.evaluate(TURNED)]
    assert {kind: wrong for kind, wrong in seen.items() if wrong} == {}
    page.locator("a.back").click()
    expect(page.locator("#items")).to_be_visible()
    assert told == []


def test_a_million_letters_and_five_hundred_pictures_stay_in_their_box(
    browser: Browser, place: tuple[Desk, dict[str, int]]
) -> None:
    agora, ids = place
    told: list[str] = []
    page = watched(agora, browser, told, viewport=WIDE, locale="en-GB")
    for kind, box in (("huge0", "#self .text"), ("media", "#self .pictures")):
        page.goto(f"{agora.address}c/talk/posts/{ids[kind]}")
        shown, whole = page.locator(box).evaluate("e => [e.clientHeight, e.scrollHeight]")
        assert shown < WIDE["height"] < whole
        assert beyond(page) == []
        # hands still work, and what comes next is no longer this post
        page.keyboard.press("a")
        page.wait_for_function("b => document.querySelector('form.deciding')?.dataset.post !== b", arg=str(ids[kind]))
    expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
    assert agora.verdicts([ids["huge0"], ids["media"]]) == {ids["huge0"]: ["approve"], ids["media"]: ["approve"]}
    assert told == []
