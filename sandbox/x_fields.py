"""The names that X's parameters accept, in its descriptions 2.166 (old) and 2.167 (new)."""

from __future__ import annotations


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_POST = _names("""
    article attachments card_uri community_id context_annotations conversation_id created_at display_text_range
    edit_controls entities geo id lang matched_media_notes media_metadata non_public_metrics note_request_suggestions
    organic_metrics paid_partnership possibly_sensitive promoted_metrics public_metrics reply_settings scopes source
    suggested_source_links suggested_source_links_with_counts text withheld
""")
OLD_POST = _POST | _names("author_id edit_history_tweet_ids in_reply_to_user_id note_tweet referenced_tweets")
# The new description has no field author_id, in_reply_to_user_id or referenced_posts: they come by expansion.
NEW_POST = _POST | _names("article_title note_post")

_EXPANSIONS = _names("""
    article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet
    attachments.poll_ids author_id entities.mentions.username geo.place_id in_reply_to_user_id
""")
OLD_EXPANSIONS = _EXPANSIONS | _names("""
    edit_history_tweet_ids entities.note.mentions.username referenced_tweets.id
    referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id
""")
NEW_EXPANSIONS = _EXPANSIONS | _names("edit_history_post_ids referenced_posts username")

USER = _names("""
    affiliation confirmed_email connection_status created_at description entities id is_identity_verified location
    most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url protected public_metrics
    receives_your_dm subscribes_to_you subscription subscription_type url username verified verified_followers_count
    verified_type withheld
""")
MEDIA = _names("""
    alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics
    public_metrics type url variants width
""")
