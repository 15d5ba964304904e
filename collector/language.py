"""The language of a post whose network does not tell it (Facebook, feeds): guessed here, marked as guessed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from ..core.normalise import clean_lang
from ..core.records import EntityKind, Post

MIN_LETTERS = 20  # under this a guess is a throw of dice
MIN_CERTAINTY = 0.8


@cache
def _identifier() -> Any:
    # The model takes a second to read: only when a post needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def with_language(post: Post) -> Post:
    """The post, its language guessed where the network gave none and the text is long enough to tell."""
    if post.lang is not None:
        return post
    words = _words(post)
    if sum(map(str.isalpha, words)) < MIN_LETTERS:
        return post
    code, certainty = _identifier().classify(words)
    lang = clean_lang(code) if certainty >= MIN_CERTAINTY else None
    return replace(post, lang=lang, lang_guessed=True) if lang else post


def _words(post: Post) -> str:
    """The text without tags, names and addresses: they are of no language."""
    kept: list[str] = []
    at = 0
    for entity in sorted(post.entities, key=lambda entity: entity.start):
        if entity.kind in (EntityKind.HASHTAG, EntityKind.MENTION, EntityKind.LINK) and entity.start >= at:
            kept.append(post.text[at : entity.start])
            at = entity.end
    kept.append(post.text[at:])
    return " ".join(kept)[:2_000]
