"""A seeded vocabulary of two made-up languages, used as words are used in life: few of them often, most hardly ever."""

from __future__ import annotations

from itertools import accumulate
from random import Random

SIZE = 30_000  # words of each language

# How the syllables of a language begin, sound and end; and its words that occur in every sentence.
_SOUNDS = {
    "it": (
        ("", "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "gl", "gn", "pr", "sc", "st", "tr"),
        ("a", "e", "i", "o", "u", "ia", "io", "ie", "uo", "è", "à", "ò"),
        ("", "", "", "", "n", "r", "l", "s"),
    ),
    "en": (
        ("", "b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "w", "bl", "cr", "sh", "st", "th", "tr"),
        ("a", "e", "i", "o", "u", "ea", "ee", "oo", "ou", "ay"),
        ("", "", "ck", "d", "ll", "n", "nd", "ng", "r", "s", "st", "t"),
    ),
}
_COMMON = {
    "it": "di che e la il un a per in non si è una i con da mi ma le del ha sono come io lo più se ci questo anche ti",
    "en": "the of and to a in is you that it for on was with as are be this have not but they at what we can all your",
}


class Vocabulary:
    """60,000 words, some twenty of them in both languages, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._words = {language: _make(Random(f"{seed}/{language}"), language) for language in _SOUNDS}
        # Zipf-Mandelbrot: the word of rank r is met in proportion to 1 / (r + 2.7)
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(1, SIZE + 1)))

    def draw(self, random: Random, language: str, count: int) -> list[str]:
        """`count` words as they would follow each other in a text."""
        return random.choices(self._words[language], cum_weights=self._weights, k=count)

    def name(self, random: Random) -> str:
        """A person's name."""
        return " ".join(random.choice(self._words["it"][200:5_000]).capitalize() for _ in range(2))


def _make(random: Random, language: str) -> list[str]:
    """Distinct words, the common ones first, longer ones towards the end."""
    begins, sounds, ends = _SOUNDS[language]
    chance = random.random

    def one(of: tuple[str, ...]) -> str:
        return of[int(len(of) * chance())]

    words = dict.fromkeys(_COMMON[language].split())
    while len(words) < SIZE:
        syllables = 1 + (len(words) > 150) + (chance() < len(words) / SIZE) + (chance() < 0.3)
        words["".join([one(begins) + one(sounds) for _ in range(syllables)]) + one(ends)] = None
    return list(words)
