"""A fingerprint by which near-duplicates are found: a 64-bit simhash of a text's words.

Simhash: Charikar, "Similarity estimation techniques from rounding algorithms" (STOC 2002); finding by bands as in
Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling" (WWW 2007). The shingles are single words: with
one word of twenty exchanged, 18 % of such pairs stay within three bits, against 3 % for pairs of words (measured).
So what is found is the same text with other links, mentions, numbers, order, case, accents or punctuation, and in
longer texts a few other words; it is not a search for like meanings.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from .folding import fold

NEAR = 3  # bits in which near-duplicates may differ: two such fingerprints share at least one of four bands
MIN_WORDS = 5  # different ones; "I agree with you" is said honestly by many
MAX_WORDS = 255  # different ones, what one byte counts to: a longer text is compared by its beginning
MAX_CHARACTERS = 10_000

_LANES_OF_BYTE = [bytes(map(int, f"{byte:08b}")) for byte in range(256)]
_LINK_OR_MENTION = re.compile(r"(?:https?://|www\.)\S+|@[\w.-]+(?:@[\w.-]+)?")
# Without digits: amounts and counters vary from copy to copy. One character is one word where a script puts no
# spaces between words (Thai to Khmer, kana, Han).
_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\d_]+")


@lru_cache(32_768)
def _lanes(word: str) -> int:
    """The 64 bits of the word's hash, each in its own byte: a plain sum of such numbers counts all bits at once."""
    digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(b"".join([_LANES_OF_BYTE[byte] for byte in digest]), "big")


def fingerprint(text: str) -> int:
    """The text's simhash as a signed 64-bit number; 0 for a text too short to be compared ("no fingerprint")."""
    folded = _LINK_OR_MENTION.sub(" ", fold(text[:MAX_CHARACTERS]))
    words = list(dict.fromkeys(_WORD.findall(folded)))[:MAX_WORDS]
    if len(words) < MIN_WORDS:
        return 0
    counts = sum(map(_lanes, words)).to_bytes(64, "big")
    half = len(words) // 2
    bits = int(counts.translate(b"0" * (half + 1) + b"1" * (255 - half)), 2)
    return bits - (1 << 64) if bits >> 63 else bits


def bands(fp: int) -> tuple[int, int, int, int]:
    """The four bands of 16 bits as the index keeps them: band number * 65536 + value. 0 has none worth keeping."""
    return (
        fp & 0xFFFF,
        0x1_0000 | fp >> 16 & 0xFFFF,
        0x2_0000 | fp >> 32 & 0xFFFF,
        0x3_0000 | fp >> 48 & 0xFFFF,
    )


def distance(a: int, b: int) -> int:
    """In how many of the 64 bits two fingerprints differ."""
    return ((a ^ b) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
