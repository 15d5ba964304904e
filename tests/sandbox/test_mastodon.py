from __future__ import annotations

from typing import Any

import pytest

from tagora.sandbox import Sandbox, Script, parse_script
from tagora.sandbox.ids import fediverse_uri

from .clients import Reader
from .test_script import script_of

TAG = "/api/v1/timelines/tag/agoraTest"


def keys(box: Sandbox, statuses: list[dict[str, Any]]) -> list[str]:
    """Script keys of statuses, in their order."""
    script = box.script
    known = {fediverse_uri(script, post): post.key for post in script.posts if post.network == "mastodon"}
    return [known[status["uri"]] for status in statuses]


def ask(box: Sandbox, host: str, token: str | None = None) -> Reader:
    return Reader(box.fediverse_url(host), {"Authorization": f"Bearer {token}"} if token else {})


def id_on(reader: Reader, box: Sandbox, key: str) -> str:
    """A post's local id on the asked server, as its tag timeline tells it."""
    timeline = reader.get(TAG).json()
    return next(status["id"] for status in timeline if keys(box, [status]) == [key])


def test_a_tag_timeline_shows_only_public_posts_that_the_server_knows(box: Sandbox) -> None:
    assert keys(box, ask(box, "mastodon.uno").get(TAG).json()) == ["m9", "m1", "m11"]
    assert keys(box, ask(box, "mastodon.social").get(TAG).json()) == ["m10", "m9", "m1"]
    assert keys(box, ask(box, "pleroma.example").get(TAG).json()) == ["m9"]


def test_not_even_a_followers_token_brings_private_posts_into_a_tag_timeline(box: Sandbox) -> None:
    follower = ask(box, "mastodon.uno", box.tokens.fediverse["mastodon.uno"].follower)
    assert keys(box, follower.get(TAG).json()) == ["m9", "m1", "m11"]


def test_a_followers_token_opens_followers_only_posts_and_no_other_does(box: Sandbox) -> None:
    local = fediverse_uri(box.script, box.script.post("m6")).rpartition("/")[2]
    tokens = box.tokens.fediverse["mastodon.uno"]
    answers = {
        name: ask(box, "mastodon.uno", token).get(f"/api/v1/statuses/{local}")
        for name, token in (("nobody", None), ("app", tokens.app), ("user", tokens.user), ("follower", tokens.follower))
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "nobody": 404,
        "app": 404,
        "user": 404,
        "follower": 200,
    }
    assert answers["follower"].json()["visibility"] == "private"


def test_ids_differ_from_server_to_server_and_the_uri_does_not(box: Sandbox) -> None:
    found = {}
    for host in ("mastodon.uno", "mastodon.social", "pleroma.example", "sociale.example"):
        token = box.tokens.fediverse[host].app
        found[host] = next(status for status in ask(box, host, token).get(TAG).json() if keys(box, [status]) == ["m9"])
    assert len({status["id"] for status in found.values()}) == 4
    assert len({status["uri"] for status in found.values()}) == 1
    assert len(found["sociale.example"]["id"]) == 26  # a ULID
    assert not found["pleroma.example"]["id"].isdigit()  # a flake


def test_a_post_that_comes_late_takes_the_place_of_its_writing(box: Sandbox, uno: Reader) -> None:
    box.set_time(499)
    newest = uno.get(TAG).json()
    box.set_time(500)
    assert keys(box, uno.get(TAG).json()) == [*keys(box, newest), "m11"]
    assert uno.get(TAG, min_id=newest[0]["id"]).json() == []


def crowd(count: int) -> Script:
    return parse_script(
        script_of(*({"key": f"p{n:03}", "by": "leo", "at": n, "text": f"post {n} #tag"} for n in range(count)))
    )


def test_max_id_since_id_and_min_id_give_three_different_pages() -> None:
    with Sandbox(crowd(10), now=100) as box:
        reader = ask(box, "a.example")
        path = "/api/v1/timelines/tag/tag"
        every = reader.get(path).json()
        ids = {key: status["id"] for key, status in zip(keys(box, every), every, strict=True)}
        assert keys(box, reader.get(path, limit=3, max_id=ids["p005"]).json()) == ["p004", "p003", "p002"]
        assert keys(box, reader.get(path, limit=3, since_id=ids["p002"]).json()) == ["p009", "p008", "p007"]
        assert keys(box, reader.get(path, limit=3, min_id=ids["p002"]).json()) == ["p005", "p004", "p003"]
        both = reader.get(path, limit=3, min_id=ids["p002"], max_id=ids["p005"]).json()
        assert keys(box, both) == ["p004", "p003"]


def test_the_link_header_leads_through_everything_once() -> None:
    with Sandbox(crowd(95), now=100) as box:
        reader = ask(box, "a.example")
        answer = reader.get("/api/v1/timelines/tag/tag", limit=400)
        seen = keys(box, answer.json())
        assert len(seen) == 40
        while answer.links.get("next"):
            answer = reader.session.get(answer.links["next"]["url"], timeout=10)
            seen += keys(box, answer.json())
        assert seen == [f"p{n:03}" for n in range(94, -1, -1)]
        assert reader.session.get(reader.get("/api/v1/timelines/tag/tag").links["prev"]["url"], timeout=10).json() == []


def test_the_home_of_the_answered_author_knows_the_answers(box: Sandbox, uno: Reader) -> None:
    root = id_on(uno, box, "m1")
    context = uno.get(f"/api/v1/statuses/{root}/context").json()
    assert keys(box, context["descendants"]) == ["m2", "m4", "m8"]
    social = ask(box, "mastodon.social")
    below = social.get(f"/api/v1/statuses/{id_on(social, box, 'm1')}/context").json()["descendants"]
    assert keys(box, below) == ["m2", "m3", "m8"]
    reply = below[1]
    above = social.get(f"/api/v1/statuses/{reply['id']}/context").json()["ancestors"]
    assert keys(box, above) == ["m1", "m2"]


def test_an_unlisted_answer_is_in_the_context_and_says_so(box: Sandbox, uno: Reader) -> None:
    below = uno.get(f"/api/v1/statuses/{id_on(uno, box, 'm1')}/context").json()["descendants"]
    assert [status["visibility"] for status in below] == ["public", "public", "unlisted"]


def chain(length: int) -> Script:
    posts = [{"key": "p000", "by": "leo", "at": 0, "text": "#tag"}]
    posts += [
        {"key": f"p{n:03}", "by": "leo", "at": n, "text": "on", "reply_to": f"p{n - 1:03}"} for n in range(1, length)
    ]
    return parse_script(script_of(*posts))


def test_a_context_ends_early_without_a_users_token() -> None:
    with Sandbox(chain(100), now=200) as box:
        nobody = ask(box, "a.example")
        user = ask(box, "a.example", box.tokens.fediverse["a.example"].user)
        root = nobody.get("/api/v1/timelines/tag/tag").json()[0]["id"]
        assert len(nobody.get(f"/api/v1/statuses/{root}/context").json()["descendants"]) == 20
        below = user.get(f"/api/v1/statuses/{root}/context").json()["descendants"]
        assert len(below) == 99
        last = below[-1]["id"]
        assert len(nobody.get(f"/api/v1/statuses/{last}/context").json()["ancestors"]) == 40
        assert len(user.get(f"/api/v1/statuses/{last}/context").json()["ancestors"]) == 99


def test_sixty_answers_are_all_a_stranger_sees() -> None:
    posts = [{"key": "root", "by": "leo", "at": 0, "text": "#tag"}]
    posts += [{"key": f"r{n}", "by": "leo", "at": n + 1, "text": "on", "reply_to": "root"} for n in range(80)]
    with Sandbox(parse_script(script_of(*posts)), now=200) as box:
        nobody = ask(box, "a.example")
        root = nobody.get("/api/v1/timelines/tag/tag").json()[0]
        assert root["replies_count"] == 80
        assert len(nobody.get(f"/api/v1/statuses/{root['id']}/context").json()["descendants"]) == 60


def test_edits_show_in_the_post_and_in_its_history(box: Sandbox, uno: Reader) -> None:
    below = uno.get(f"/api/v1/statuses/{id_on(uno, box, 'm1')}/context").json()["descendants"]
    edited = below[1]
    assert edited["edited_at"] == "2026-11-02T11:20:00.000Z"
    assert edited["content"] == "<p>Io no, quasi mai.</p>"
    versions = uno.get(f"/api/v1/statuses/{edited['id']}/history").json()
    assert [version["content"] for version in versions] == [
        "<p>Io no.</p>",
        "<p>Io no, mai.</p>",
        "<p>Io no, quasi mai.</p>",
    ]


def test_a_deleted_post_is_404_and_its_answers_no_longer_point_to_it(box: Sandbox) -> None:
    social = ask(box, "mastodon.social")
    box.set_time(200)
    below = social.get(f"/api/v1/statuses/{id_on(social, box, 'm1')}/context").json()["descendants"]
    assert "m12" in keys(box, below) and "m13" in keys(box, below)
    deleted, answer = (below[keys(box, below).index(key)] for key in ("m12", "m13"))
    assert answer["in_reply_to_id"] == deleted["id"]
    box.set_time(300)
    assert social.get(f"/api/v1/statuses/{deleted['id']}").json() == {"error": "Record not found"}
    assert social.get(f"/api/v1/statuses/{answer['id']}").json()["in_reply_to_id"] is None


def test_the_text_comes_as_the_html_of_mastodon(box: Sandbox, uno: Reader) -> None:
    post = next(status for status in uno.get(TAG).json() if keys(box, [status]) == ["m1"])
    assert post["content"] == (
        '<p>🌿🌿 Che tipo di networker sei? <a href="https://mastodon.uno/tags/agoraTest" class="mention hashtag" '
        'rel="tag">#<span>agoraTest</span></a></p><p>Leggi <a '
        'href="https://www.example.org/articoli/che-tipo-di-networker-sei?lingua=it" target="_blank" '
        'rel="nofollow noopener noreferrer" translate="no"><span class="invisible">https://www.</span>'
        '<span class="ellipsis">example.org/articoli/che-tipo-</span><span class="invisible">'
        "di-networker-sei?lingua=it</span></a><br />e rispondi a "
        '<span class="h-card" translate="no"><a href="https://mastodon.social/@tom" class="u-url mention">'
        "@<span>tom</span></a></span></p>"
    )
    assert [mention["acct"] for mention in post["mentions"]] == ["tom@mastodon.social"]
    assert post["tags"] == [{"name": "agoratest", "url": "https://mastodon.uno/tags/agoratest"}]


def test_warnings_pictures_and_wishes_are_told(box: Sandbox) -> None:
    pleroma = ask(box, "pleroma.example")
    post = pleroma.get(TAG).json()[0]
    assert (post["spoiler_text"], post["sensitive"]) == ("cibo", True)
    assert [media["description"] for media in post["media_attachments"]] == ["Un tavolo con tre tazze", None]
    picture = pleroma.session.get(post["media_attachments"][0]["url"], timeout=10)
    assert picture.headers["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    shy = ask(box, "mastodon.social").get(TAG).json()[0]["account"]
    assert (shy["noindex"], shy["note"]) == (True, "<p>I write books. #nobot</p>")
    gts = ask(box, "sociale.example", box.tokens.fediverse["sociale.example"].user)
    found = gts.get("/api/v2/search", q=fediverse_uri(box.script, box.script.post("m3"))).json()["statuses"]
    assert keys(box, found) == ["m3"]


def test_a_quote_is_shown_with_its_state_and_listed_to_users_only(box: Sandbox, uno: Reader) -> None:
    root = id_on(uno, box, "m1")
    assert uno.get(f"/api/v1/statuses/{root}/quotes").status_code == 401
    user = ask(box, "mastodon.uno", box.tokens.fediverse["mastodon.uno"].user)
    quotes = user.get(f"/api/v1/statuses/{root}/quotes").json()
    assert keys(box, quotes) == ["m5"]
    assert quotes[0]["quote"]["state"] == "accepted"
    assert keys(box, [quotes[0]["quote"]["quoted_status"]]) == ["m1"]
    assert quotes[0]["content"].startswith('<p class="quote-inline">RE: ')


def test_a_server_fetches_a_distant_post_for_a_user_who_names_it(box: Sandbox) -> None:
    host = "mastodon.social"
    uri = fediverse_uri(box.script, box.script.post("m4"))
    user = ask(box, host, box.tokens.fediverse[host].user)
    assert user.get("/api/v2/search", q=uri).json()["statuses"] == []
    found = user.get("/api/v2/search", q=uri, resolve="true").json()["statuses"]
    assert keys(box, found) == ["m4"]
    assert user.get(f"/api/v1/statuses/{found[0]['id']}").status_code == 200
    assert ask(box, host).get("/api/v2/search", q=uri, resolve="true").status_code == 401


@pytest.mark.parametrize(
    ("host", "token", "status", "words"),
    [
        ("mastodon.uno", "wrong", 401, "The access token is invalid"),
        ("sociale.example", None, 401, "Unauthorized: token not supplied"),
        ("sociale.example", "wrong", 401, "Unauthorized: token supplied was invalid"),
        ("mastodon.uno", "mastodon.uno-no-scope-secret", 403, "This action is outside the authorized scopes"),
    ],
)
def test_each_family_refuses_strangers_in_its_own_words(
    box: Sandbox, host: str, token: str | None, status: int, words: str
) -> None:
    answer = ask(box, host, token).get(TAG)
    assert (answer.status_code, answer.json()) == (status, {"error": words})


def test_what_is_not_there_is_json_on_mastodon_and_a_page_on_pleroma(box: Sandbox, uno: Reader) -> None:
    assert uno.get("/api/v1/statuses/1").json() == {"error": "Record not found"}
    answer = ask(box, "pleroma.example").get("/api/v1/statuses/1")
    assert answer.status_code == 404 and answer.headers["Content-Type"].startswith("text/html")


def test_a_server_may_demand_a_token_for_tags_and_says_so_in_its_facts() -> None:
    script = parse_script(
        script_of(
            {"key": "p", "by": "leo", "at": 0, "text": "#tag"}, servers=[{"host": "a.example", "token_needed": True}]
        )
    )
    with Sandbox(script, now=1) as box:
        nobody, app = ask(box, "a.example"), ask(box, "a.example", box.tokens.fediverse["a.example"].app)
        path = "/api/v1/timelines/tag/tag"
        assert (nobody.get(path).status_code, app.get(path).status_code) == (401, 200)
        facts = nobody.get("/api/v2/instance").json()
        access = facts["configuration"]["timelines_access"]["hashtag_feeds"]
        assert access == {"local": "authenticated", "remote": "authenticated"}


def test_three_hundred_requests_in_five_minutes_are_enough(box: Sandbox, uno: Reader) -> None:
    for left in range(299, -1, -1):
        assert uno.get("/api/v1/instance").headers["X-RateLimit-Remaining"] == str(left)
    refused = uno.get("/api/v1/instance")
    assert refused.status_code == 429 and refused.headers["X-RateLimit-Reset"] == "2026-11-03T00:45:00.000Z"
    box.advance(5)
    assert uno.get("/api/v1/instance").status_code == 200


def test_several_posts_at_once_leave_out_what_is_not_there(box: Sandbox, uno: Reader) -> None:
    root = id_on(uno, box, "m1")
    answer = uno.get("/api/v1/statuses", **{"id[]": [root, "1"]})
    assert keys(box, answer.json()) == ["m1"]
