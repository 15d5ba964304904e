"""The networks' client libraries must be able to read every kind of answer."""

from __future__ import annotations

from typing import Any

import facebook
import pytest
import tweepy
from mastodon import (
    MastodonAPIError,
    MastodonNetworkError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonServiceUnavailableError,
    MastodonUnauthorizedError,
)

from tagora.sandbox import Sandbox
from tagora.sandbox.ids import facebook_id, fediverse_uri, x_id

from .clients import Tweepy, mastodon_client

FIELDS = ["author_id", "conversation_id", "entities", "note_tweet", "public_metrics", "referenced_tweets", "created_at"]


@pytest.mark.filterwarnings("error")
def test_tweepy_reads_search_lookup_quotes_counts_and_usage(box: Sandbox, tweepy_client: Tweepy) -> None:
    client: Any = tweepy_client
    root = x_id(box.script, box.script.post("x1"))
    found = client.search_recent_tweets(
        "#agoraTest", tweet_fields=FIELDS, expansions=["author_id", "referenced_tweets.id"], max_results=10
    )
    assert isinstance(found, dict) and len(found["data"]) == 4
    assert len(client.search_all_tweets("#agoraTest", max_results=500)["data"]) == 4
    assert client.get_tweets([root])["data"][0]["id"] == root
    assert client.get_tweet(root)["data"]["id"] == root
    assert client.get_quote_tweets(root)["meta"]["result_count"] == 1
    assert client.get_recent_tweets_count("#agoraTest")["meta"]["total_tweet_count"] == 4
    assert client.get_all_tweets_count("#agoraTest")["meta"]["total_tweet_count"] == 4


def test_tweepys_own_objects_can_be_made_of_every_post(box: Sandbox, tweepy_client: Tweepy) -> None:
    box.set_time(13_000)
    client: Any = tweepy_client
    client.return_type = tweepy.Response
    answer = client.search_all_tweets(
        "#agoraTest",
        tweet_fields=[*FIELDS, "attachments", "edit_controls", "withheld", "lang"],
        expansions=["author_id", "attachments.media_keys", "referenced_tweets.id", "edit_history_tweet_ids"],
        user_fields=["created_at", "protected"],
        media_fields=["alt_text", "url", "width", "height"],
        max_results=100,
    )
    assert [tweet.created_at.minute for tweet in answer.data]
    assert {user.username for user in answer.includes["users"]} == {"marcob", "sara_v"}
    assert answer.includes["media"][0].alt_text == "Una piazza"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limit", tweepy.TooManyRequests),
        ("usage_cap", tweepy.TooManyRequests),
        ("no_credits", tweepy.HTTPException),
        ("server_error", tweepy.TwitterServerError),
        ("expired_token", tweepy.Unauthorized),
        ("forbidden", tweepy.Forbidden),
    ],
)
def test_tweepy_raises_the_error_of_each_fault(
    box: Sandbox, tweepy_client: Tweepy, kind: str, error: type[Exception]
) -> None:
    box.fault(kind, network="x")
    with pytest.raises(error):
        tweepy_client.search_recent_tweets("#agoraTest")
    with pytest.raises(tweepy.BadRequest, match="512"):
        tweepy_client.search_recent_tweets("#agoraTest " + "x" * 512)


@pytest.mark.parametrize("host", ["mastodon.uno", "mastodon.social", "sociale.example", "pleroma.example"])
def test_mastodon_py_reads_timelines_threads_histories_and_searches(box: Sandbox, host: str) -> None:
    client = mastodon_client(box, host, box.tokens.fediverse[host].user)
    timeline = client.timeline_hashtag("agoraTest", limit=40)
    assert timeline and all(status.created_at.tzinfo for status in timeline)
    status = timeline[-1]
    assert client.status(status.id).uri == status.uri
    assert client.status_context(status.id).ancestors == []
    assert client.status_history(status.id)[0].content == status.content
    found = client.search(str(status.url), resolve=True, result_type="statuses")
    assert [str(item.id) for item in found.statuses] == [str(status.id)]
    assert client.fetch_previous(timeline) in (None, [])
    assert client.app_verify_credentials().name


def test_mastodon_py_reads_quotes(box: Sandbox) -> None:
    client: Any = mastodon_client(box, "mastodon.uno", box.tokens.fediverse["mastodon.uno"].user)
    root = fediverse_uri(box.script, box.script.post("m1")).rpartition("/")[2]
    (quote,) = client.status_quotes(root)
    assert quote.quote.state == "accepted" and str(quote.quote.quoted_status.id) == root


def test_mastodon_py_raises_the_error_of_each_fault(box: Sandbox) -> None:
    client = mastodon_client(box, "mastodon.uno")
    for kind, error in (
        ("rate_limit", MastodonRatelimitError),
        ("server_error", MastodonServiceUnavailableError),
        ("expired_token", MastodonUnauthorizedError),
        ("html", MastodonAPIError),
        ("broken_json", MastodonAPIError),
        ("cut_body", MastodonNetworkError),
        ("hang", MastodonNetworkError),
    ):
        box.fault(kind, path="/api/v1/*", seconds=0.2)  # it asks for the server's facts first
        with pytest.raises(error):
            client.timeline_hashtag("agoraTest")
    with pytest.raises(MastodonNotFoundError):
        client.status("1")
    with pytest.raises(MastodonNotFoundError):
        mastodon_client(box, "pleroma.example").status("1")


def test_facebook_sdk_reads_feeds_comments_nodes_and_tokens(box: Sandbox, graph_client: Any) -> None:
    feed = graph_client.get_connections("1234567890", "feed", fields="id,message", limit=2)
    assert len(feed["data"]) == 2 and "next" in feed["paging"]
    every = list(graph_client.get_all_connections("1234567890", "feed", limit=2))
    assert len(every) == 5
    post = facebook_id(box.script, box.script.post("f1"))
    assert graph_client.get_object(post, fields="id,from")["from"]["name"] == "Meet the Media Guru"
    assert list(graph_client.get_objects([post])) == [post]
    assert len(list(graph_client.get_all_connections(post, "comments", filter="stream", limit=1))) == 4
    assert graph_client.get_version() == "26.0"
    graph_client.access_token = box.tokens.facebook.short
    assert graph_client.extend_access_token("1", "s")["access_token"] == box.tokens.facebook.user
    app, _, secret = box.tokens.facebook.app.partition("|")
    assert graph_client.debug_access_token(box.tokens.facebook.user, app, secret)["data"]["is_valid"]


def test_facebook_sdk_raises_graphs_errors(box: Sandbox, graph_client: Any) -> None:
    for kind, code in (("rate_limit", 32), ("rate_limit_no_reset", 4), ("expired_token", 190), ("forbidden", 10)):
        box.fault(kind)
        with pytest.raises(facebook.GraphAPIError) as caught:
            graph_client.get_object("1234567890")
        assert caught.value.code == code
    box.fault("html")
    with pytest.raises(facebook.GraphAPIError, match="Maintype"):
        graph_client.get_object("1234567890")
    graph_client.version = "v2.8"
    with pytest.raises(facebook.GraphAPIError, match="deprecated"):
        graph_client.get_object("1234567890")
