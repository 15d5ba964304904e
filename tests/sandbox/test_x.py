from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from tagora.sandbox import Network, Sandbox, Script, load_script, parse_script
from tagora.sandbox.ids import x_chain, x_id
from tagora.sandbox.x_objects import x_text

from .clients import LATE, Reader
from .test_script import script_of

RECENT = "/2/tweets/search/recent"
FULL = "author_id,created_at,conversation_id,entities,note_tweet,referenced_tweets,public_metrics,display_text_range"


def keys(box: Sandbox, answer: dict[str, Any]) -> list[str]:
    """Script keys of the posts in an answer, in its order."""
    known = {name: post.key for post in box.script.of(Network.X) for name in x_chain(box.script, post)}
    return [known[item["id"]] for item in answer.get("data", [])]


def test_a_tag_search_gives_public_posts_of_the_week_newest_first(box: Sandbox, x: Reader) -> None:
    answer = x.get(RECENT, query="#AGORATEST -is:retweet").json()
    assert keys(box, answer) == ["x14", "x9", "x7", "x1"]
    assert answer["meta"] == {
        "newest_id": answer["data"][0]["id"],
        "oldest_id": answer["data"][-1]["id"],
        "result_count": 4,
    }
    assert set(answer["data"][0]) == {"id", "text", "edit_history_tweet_ids"}


def test_recent_search_forgets_after_seven_days_and_the_archive_does_not(box: Sandbox, x: Reader) -> None:
    box.set_time(LATE)
    assert keys(box, x.get(RECENT, query="#agoraTest").json()) == ["x15"]
    assert keys(box, x.get("/2/tweets/search/all", query="#agoraTest").json()) == ["x15", "x14", "x9", "x7", "x1"]


def test_no_match_is_an_answer_without_data(x: Reader) -> None:
    assert x.get(RECENT, query="#nothingHere").json() == {"meta": {"result_count": 0}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("conversation_id:{x1}", ["x5", "x3", "x2", "x1"]),
        ("conversation_id:{x1} is:reply", ["x5", "x3", "x2"]),
        ("in_reply_to_tweet_id:{x2}", ["x3"]),
        ("quotes_of_tweet_id:{x1}", ["x6"]),
        ("from:sara_v lang:it -#agoraTest -is:quote", ["x5", "x2"]),
        ('url:"example.org/articoli"', ["x1"]),
        ("(from:bigstar OR from:marcob) -is:reply has:media", ["x1"]),
        ("(conversation_id:{x1} OR conversation_id:{x8}) from:marcob -#agoraTest", ["x11", "x3"]),
        ("pazienza metodo", ["x1"]),
        ('"chiamo, scrivo"', ["x3"]),
        ("to:bigstar", ["x11", "x9"]),
        ("from:lucchetto", []),
        ("#agoraTest min_likes:5", ["x1"]),
    ],
)
def test_the_query_language_finds_what_it_says(box: Sandbox, x: Reader, query: str, expected: list[str]) -> None:
    named = {post.key: x_id(box.script, post) for post in box.script.posts if post.network == "x"}
    assert keys(box, x.get(RECENT, query=query.format(**named)).json()) == expected


@pytest.mark.parametrize(
    "query",
    [
        "is:reply",
        "-#agoraTest",
        "has:media lang:it",
        "#agoraTest -(from:a OR from:b)",
        "(#a",
        "#a OR",
        "min_faves:3 #a",
    ],
)
def test_a_query_x_would_refuse_is_refused(x: Reader, query: str) -> None:
    answer = x.get(RECENT, query=query)
    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid Request"
    assert answer.json()["errors"][0]["parameters"] == {"query": [query]}


def test_a_query_may_have_512_characters_for_recent_and_1024_for_all(x: Reader) -> None:
    fits, too_long = "#a " + "x" * 509, "#a " + "x" * 510
    assert x.get(RECENT, query=fits).status_code == 200
    assert x.get(RECENT, query=too_long).status_code == 400
    assert x.get("/2/tweets/search/all", query=too_long).status_code == 200
    assert x.get("/2/tweets/search/all", query="#a " + "x" * 1022).status_code == 400


def many(count: int) -> Script:
    return parse_script(
        script_of(*({"key": f"p{n}", "by": "ada", "at": n, "text": f"post {n} #tag"} for n in range(count)))
    )


def test_following_next_token_gives_every_post_once_even_while_new_ones_come() -> None:
    with Sandbox(many(47), now=39) as box:
        x = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        seen: list[str] = []
        token: dict[str, str] = {}
        while True:
            answer = x.get(RECENT, query="#tag", max_results=15, **token).json()
            seen += keys(box, answer)
            box.advance(2)
            if "next_token" not in answer["meta"]:
                break
            token = {"next_token": answer["meta"]["next_token"]}
    assert seen == [f"p{n}" for n in range(39, -1, -1)]


def test_since_id_and_until_id_bound_the_answer_and_exclude_themselves() -> None:
    script = many(20)
    with Sandbox(script, now=30) as box:
        x = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        low, high = x_id(script, script.post("p5")), x_id(script, script.post("p9"))
        answer = x.get(RECENT, query="#tag", since_id=low, until_id=high, max_results=100).json()
        assert keys(box, answer) == ["p8", "p7", "p6"]
        by_time = x.get(RECENT, query="#tag", start_time="2026-11-02T08:05:00Z", end_time="2026-11-02T08:09:00Z").json()
        assert keys(box, by_time) == ["p8", "p7", "p6", "p5"]


@pytest.mark.parametrize(
    "bounds",
    [
        {"start_time": "2026-10-20T00:00:00Z"},
        {"end_time": "2027-01-01T00:00:00Z"},
        {"since_id": "1"},
        {"since_id": "abc"},
        {"start_time": "yesterday"},
        {"start_time": "2026-11-02T08:00:00Z", "since_id": "2117173616442036870"},
        {"max_results": "9"},
        {"max_results": "101"},
        {"next_token": "nonsense!"},
        {"tweet.fields": "colour"},
        {"expansions": "grandmother"},
        {"page": "2"},
    ],
)
def test_parameters_x_does_not_know_or_allow_give_400(x: Reader, bounds: dict[str, str]) -> None:
    answer = x.get(RECENT, query="#agoraTest", **bounds)
    assert answer.status_code == 400
    assert list(answer.json()["errors"][0]["parameters"]) != []


def test_offsets_count_code_points_of_the_escaped_text(box: Sandbox, x: Reader) -> None:
    answer = x.get(RECENT, query="#agoraTest has:media", **{"tweet.fields": FULL}).json()
    post = answer["data"][0]
    text = post["text"]
    assert text.startswith("🎉🎉 Pazienza &amp; metodo &lt;sempre&gt; #agoraTest https://t.co/")
    for tag in post["entities"]["hashtags"]:
        assert text[tag["start"] : tag["end"]] == "#" + tag["tag"]
    for link in post["entities"]["urls"]:
        assert text[link["start"] : link["end"]] == link["url"]
    start, end = post["display_text_range"]
    assert unescape(text[start:end]).startswith("🎉🎉 Pazienza & metodo <sempre>")
    assert "pic.x.com" in post["entities"]["urls"][-1]["display_url"]


def test_a_long_post_is_cut_at_280_and_whole_in_its_note(box: Sandbox, x: Reader) -> None:
    box.set_time(LATE)
    post = x.get(RECENT, query="#agoraTest", **{"tweet.fields": FULL}).json()["data"][0]
    written = box.script.post("x15").text
    assert len(post["text"]) == 280 and post["text"].endswith("…")
    assert unescape(post["note_tweet"]["text"]) == written
    assert "hashtags" not in post.get("entities", {})
    tag = post["note_tweet"]["entities"]["hashtags"][0]
    assert post["note_tweet"]["text"][tag["start"] : tag["end"]] == "#agoraTest"


def test_every_edit_has_a_new_id_and_search_shows_only_the_last(box: Sandbox, x: Reader) -> None:
    chain = x_chain(box.script, box.script.post("x7"))
    box.set_time(126)
    found = x.get(RECENT, query="#agoraTest from:marcob").json()["data"][0]
    assert (found["id"], found["edit_history_tweet_ids"]) == (chain[1], list(chain[:2]))
    box.set_time(141)
    first, last = (x.get(f"/2/tweets/{name}").json()["data"] for name in (chain[0], chain[2]))
    assert (first["text"], last["text"]) == ("Refuso #agoraTest", "Refuso corretto #agoraTest")
    assert first["edit_history_tweet_ids"] == last["edit_history_tweet_ids"] == list(chain)


def test_lookup_gives_what_is_there_and_names_what_is_not(box: Sandbox, x: Reader) -> None:
    script = box.script
    there, gone, hidden = (x_id(script, script.post(key)) for key in ("x1", "x12", "x4"))
    answer = x.get("/2/tweets", ids=",".join([there, gone, hidden, "999"])).json()
    assert [item["id"] for item in answer["data"]] == [there]
    kinds = {error["value"]: error["type"].rpartition("/")[2] for error in answer["errors"]}
    assert kinds == {
        gone: "resource-not-found",
        hidden: "not-authorized-for-resource",
        "999": "resource-not-found",
    }
    assert "data" not in x.get(f"/2/tweets/{gone}").json()
    assert x.get("/2/tweets", ids=",".join(str(n) for n in range(1, 102))).status_code == 400


def test_a_parent_that_cannot_be_given_is_a_partial_error_of_a_200(box: Sandbox, x: Reader) -> None:
    answer = x.get(
        RECENT, query="from:sara_v #agoraTest OR conversation_id:1", expansions="referenced_tweets.id"
    ).json()
    assert [item["text"] for item in answer["includes"]["tweets"]] == ["Good morning, world!"]
    reply = x_id(box.script, box.script.post("x5"))
    answer = x.get("/2/tweets", ids=reply, expansions="referenced_tweets.id").json()
    assert answer["errors"][0]["section"] == "includes"


def test_quotes_of_a_post_are_listed(box: Sandbox, x: Reader) -> None:
    quoted = x_id(box.script, box.script.post("x1"))
    answer = x.get(f"/2/tweets/{quoted}/quote_tweets", **{"tweet.fields": "referenced_tweets"}).json()
    assert keys(box, answer) == ["x6"]
    assert answer["data"][0]["referenced_tweets"] == [{"type": "quoted", "id": quoted}]


def test_reported_replies_include_those_of_the_filler(box: Sandbox, x: Reader) -> None:
    star = x_id(box.script, box.script.post("x8"))
    metrics = x.get(f"/2/tweets/{star}", **{"tweet.fields": "public_metrics"}).json()["data"]["public_metrics"]
    assert metrics["reply_count"] == 4002


def test_the_new_generation_speaks_only_the_new_names(script: Script) -> None:
    with Sandbox(script, now=1_000, generation="2.167") as box:
        x = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        assert x.get(RECENT, query="#agoraTest", **{"tweet.fields": "lang"}).status_code == 400
        asked = {"post.fields": "public_metrics,conversation_id", "expansions": "author_id,referenced_posts"}
        post = x.get(RECENT, query="#agoraTest from:sara_v is:reply", **asked).json()
    assert "repost_count" in post["data"][0]["public_metrics"]
    assert {"author_id", "referenced_posts", "edit_history_post_ids"} <= set(post["data"][0])
    assert [item["text"] for item in post["includes"]["posts"]] == ["Good morning, world!"]


def test_the_old_generation_refuses_the_new_names_and_both_answers_as_asked(script: Script, x: Reader) -> None:
    with Sandbox(script, now=1_000, generation="2.166") as box:
        old = Reader(box.x_url, {"Authorization": f"Bearer {box.tokens.x}"})
        assert old.get(RECENT, query="#agoraTest", **{"post.fields": "lang"}).status_code == 400
    assert "edit_history_post_ids" in x.get(RECENT, query="#agoraTest", **{"post.fields": "lang"}).json()["data"][0]
    assert "edit_history_tweet_ids" in x.get(RECENT, query="#agoraTest").json()["data"][0]


def test_without_the_right_bearer_token_there_is_only_401(box: Sandbox, x: Reader) -> None:
    x.session.headers["Authorization"] = "Bearer wrong"
    answer = x.get(RECENT, query="#agoraTest")
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")


def test_counts_are_by_hour_and_sum_up(box: Sandbox, x: Reader) -> None:
    answer = x.get("/2/tweets/counts/recent", query="#agoraTest").json()
    assert answer["meta"]["total_tweet_count"] == sum(bucket["tweet_count"] for bucket in answer["data"]) == 4
    by_day = x.get("/2/tweets/counts/recent", query="#agoraTest", granularity="day").json()
    assert by_day["meta"]["total_tweet_count"] == 4 and len(by_day["data"]) < len(answer["data"])


def test_a_post_read_twice_in_a_day_is_billed_once(box: Sandbox, x: Reader) -> None:
    for _ in range(2):
        x.get(RECENT, query="#agoraTest", expansions="author_id")
    x.get("/2/tweets/counts/recent", query="#agoraTest")
    assert box.bill.posts == {"2026-11-03": 4}
    assert box.bill.users == {"2026-11-03": 2}
    assert box.bill.micros() == 4 * 5_000 + 2 * 10_000 + 5_000
    assert x.get("/2/usage/tweets").json()["data"]["project_usage"] == 4
    box.advance(24 * 60)
    x.get(RECENT, query="#agoraTest")
    assert sum(box.bill.posts.values()) == 8


def test_a_full_window_is_429_until_it_starts_anew(box: Sandbox, x: Reader) -> None:
    quoted = x_id(box.script, box.script.post("x1"))
    for left in range(74, -1, -1):
        answer = x.get(f"/2/tweets/{quoted}/quote_tweets")
        assert answer.headers["x-rate-limit-remaining"] == str(left)
    refused = x.get(f"/2/tweets/{quoted}/quote_tweets")
    assert refused.status_code == 429
    wait = int(refused.headers["x-rate-limit-reset"]) - box.now.timestamp()
    assert 0 < wait <= 15 * 60
    box.advance(15)
    assert x.get(f"/2/tweets/{quoted}/quote_tweets").status_code == 200


def test_the_text_of_a_reply_names_whom_it_answers_once(script: Script) -> None:
    assert x_text(script, script.post("x9"), 200).text == "@bigstar senti questa #agoraTest"
    shown = x_text(script, script.post("x2"), 200)
    assert shown.text == "@marcob E tu come fai?" and shown.text[slice(*shown.shown)] == "E tu come fai?"


def test_a_script_elsewhere_in_time_has_other_snowflakes(script: Script) -> None:
    moved = load_script(script.source, script.time(60))
    assert int(x_id(moved, moved.post("x1"))) > int(x_id(script, script.post("x1")))
