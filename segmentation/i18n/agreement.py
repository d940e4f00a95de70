"""Words that agree with the figure before them: once instead of 1 times, 1 order, on the last day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

OPEN, CLOSE = "\ufdd0", "\ufdd1"  # noncharacters of Unicode, around what a slot was filled with
MARKS = str.maketrans("", "", OPEN + CLOSE)


def marked(value: object) -> str:
    """What fills a slot, so that it is known from the words around it."""
    return f"{OPEN}{value}{CLOSE}"


def agreed(text: str, forms: Iterable[Sequence[str]], nouns: Mapping[str, str]) -> str:
    r"""A text with `marked` slots, its words made to agree with the figures in them; those that are still figures keep
    their marks, which `plain` takes away.

    `forms` are pairs of a pattern, in which <1> is a slot that shows 1, and what is said instead; `nouns` are names of
    several by those of one.

    >>> text = f"{marked(1)} times, {marked(1)} shops, {marked(21)} times"
    >>> plain(agreed(text, [("<1> times", "once")], {"shops": "shop"}))
    'once, 1 shop, 21 times'
    """
    for pattern, said in forms:
        text = _slots(pattern).sub(_slots_of(said), text)
    for many, one in nouns.items():
        if many != one:
            text = re.sub(rf"({OPEN}1{CLOSE} {OPEN}?){re.escape(many)}\b", rf"\g<1>{one}", text)
    return text


def plain(text: str) -> str:
    """The text without marks."""
    return text.translate(MARKS)


@cache
def _slots(pattern: str) -> re.Pattern[str]:
    return re.compile(_slots_of(pattern) + r"\b")


def _slots_of(text: str) -> str:
    return re.sub(r"<(\d+)>", rf"{OPEN}\1{CLOSE}", text)
