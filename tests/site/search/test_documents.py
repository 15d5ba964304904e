"""What Pagefind is fed of a page, and that no post can make it anything else."""

from __future__ import annotations

import html
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tagora.presentation.posts import Showing
from tagora.site.plan import ThreadPlanner
from tagora.site.search.documents import APART, Document
from tagora.site.settings import CampaignInfo, SiteSettings
from tagora.storage.snapshot import Attachment, Node, Thread, Writer

SETTINGS = SiteSettings(Path("site"), "https://example.org/", "Agorà", ("it", "en"), "Europe/Rome", search=True)
NOON = 1_793_617_200_000_000  # 2026-11-02, 12:00 in Rome
DAY = 86_400_000_000


def node(number: int, text: str = "words", **changes: object) -> Node:
    made = Node(
        id=number, thread_id=1, origin="x", native_id=str(number), held=True, above=number - 1 or None, quote_id=None,
        repost=False, gone=None, withheld=False, url=f"https://example.net/{number}", published_at=NOON + number,
        edited_at=None, title=None, text=text, lang="it", warning=None, sensitive=False, status="approved", source="x",
        featured=False, publishable=True, writer=Writer(1, "id-anna", "anna", "Anna", None, ()),
    )  # fmt: skip
    return made._replace(**changes)  # type: ignore[arg-type]


def planned(*nodes: Node) -> tuple[Document, ...]:
    made = ThreadPlanner(SETTINGS, CampaignInfo("casnocha", ("mmg",), sources={"x": Showing()})).plan(
        Thread(1, "a" * 20, (), nodes, {})
    )
    assert made is not None
    return made.documents


def test_posts_that_share_network_language_and_month_are_one_document() -> None:
    made = planned(
        node(1), node(2, lang="en"), node(3), node(4, published_at=NOON + 30 * DAY), node(5, lang=None)
    )  # fmt: skip
    page = f"casnocha/{'a' * 20}.html"
    assert [(one.path, one.facets, one.shown) for one in made] == [
        (f"x-en-2026-11/{page}", ("casnocha", "x", "en", "2026-11"), (2,)),
        (f"x-it-2026-11/{page}", ("casnocha", "x", "it", "2026-11"), (1, 3)),
        (f"x-it-2026-12/{page}", ("casnocha", "x", "it", "2026-12"), (4,)),
        (f"x-und-2026-11/{page}", ("casnocha", "x", "und", "2026-11"), (5,)),
    ]


def test_an_answer_leaves_the_words_of_the_other_posts_as_they_were() -> None:
    before, after = planned(node(1), node(2)), planned(node(1), node(2), node(3))
    assert set(before[0].words) < set(after[0].words)


@settings(max_examples=50)
@given(
    st.text(),
    st.text(),
    st.one_of(st.none(), st.text()),
    st.sampled_from(["", " ___PAGEFIND_ANCHOR___a:0:x ", "____END_PAGEFIND_WEIGHT___", "</main></html>", "·\u200b"]),
)
def test_whatever_a_post_says_its_words_stand_where_its_place_says(
    text: str, name: str, warning: str | None, trick: str
) -> None:
    writer = Writer(1, "id-anna", None, name or "Anna", None, ())
    media = (Attachment("image", trick),)
    (made,) = planned(node(1, text + trick, writer=writer, warning=warning, media=media))
    whole = made.html.decode()
    assert whole.count("<a id=") == whole.count("</a>") == whole.count("</main>") == 1
    place, said = re.findall(r'<a id="([^"]*)"></a> (.*)</main>', whole)[0]
    _, _, who, warned = place.split(";")
    words = html.unescape(said).split(" ")
    assert not any(re.match(r"___(?:END_)?PAGEFIND", word) for word in words)
    author = words[: int(who)]
    assert not "".join(author) or name.split() or author == ["Anna"]
    rest = [word for word in words if word]
    assert rest[len([word for word in author if word])] == APART and rest[-1] == APART
    plain = (warning or "").encode("utf-8", "replace").decode().replace("\u200b", "").replace("\0", "")
    assert int(warned) == len(plain.split())
