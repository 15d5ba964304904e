"""Near-duplicates by fingerprint."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tagora.core.fingerprint import NEAR, bands, distance, fingerprint
from tagora.core.folding import fold, unfold_span

SPAM = "Guadagna subito 500 euro al giorno lavorando da casa, scrivimi in privato e ti spiego come fare"
SIGNED = st.integers(-(2**63), 2**63 - 1)


def test_the_same_text_with_other_links_mentions_numbers_and_dress_is_a_near_duplicate() -> None:
    copies = [
        f"{SPAM} https://bit.ly/abc123",
        f"@anna @mario@mastodon.uno {SPAM}!!! 🔥🔥",
        SPAM.upper().replace("500", "1700"),
        SPAM.replace("Guadagna", "Guada\u200bgna").replace("è", "e"),
        "𝗚𝘂𝗮𝗱𝗮𝗴𝗻𝗮" + SPAM[8:],
    ]
    assert [distance(fingerprint(SPAM), fingerprint(copy)) for copy in copies] == [0] * len(copies)


def test_one_other_word_in_a_long_text_is_near_and_another_text_is_far() -> None:
    words = [f"parola{n}x" for n in "abcdefghijklmnopqrstuvwxyz"] + [f"altra{n}y" for n in "abcdefghijklmnopqrstuvwxyz"]
    changed = [*words[:-1], "diversa"]
    assert distance(fingerprint(" ".join(words)), fingerprint(" ".join(changed))) < 12
    other = "Costruire relazioni chiede tempo: ascolto, curiosità, generosità verso chi lavora accanto a noi"
    assert distance(fingerprint(SPAM), fingerprint(other)) > 12


def test_a_short_text_has_no_fingerprint() -> None:
    for text in ("", "Sì!", "I agree with you", "@a @b @c @d @e @f https://x.org/1", "ha ha ha ha ha ha ha ha ha"):
        assert fingerprint(text) == 0


def test_texts_without_spaces_between_words_are_compared_too() -> None:
    assert fingerprint("仕事の人間関係をどう築きますか") != 0


def test_fingerprints_never_change() -> None:
    """They are stored: another formula would need all of them made anew."""
    assert fingerprint(SPAM) == 198127633021043502


@given(st.text(max_size=400))
def test_a_fingerprint_fits_the_column(text: str) -> None:
    assert -(2**63) <= fingerprint(text) < 2**63


@given(SIGNED, st.sets(st.integers(0, 63), max_size=NEAR))
def test_near_fingerprints_share_a_band(fp: int, flipped: set[int]) -> None:
    other = fp
    for bit in flipped:
        other ^= 1 << bit if bit < 63 else -(1 << 63)
    assert distance(fp, other) == len(flipped)
    assert set(bands(fp)) & set(bands(other))
    assert [band >> 16 for band in bands(fp)] == [0, 1, 2, 3]


@given(st.text(max_size=60), st.data())
def test_a_stretch_of_folded_text_is_found_again_in_the_text(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded)))
    end = data.draw(st.integers(start, len(folded)))
    first, last = unfold_span(text, start, end)
    assert 0 <= first <= last <= len(text)
    assert folded[start:end] in fold(text[first:last])


@given(st.text(max_size=60))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
