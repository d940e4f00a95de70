"""Rules of segments, conditions in SQL, as people read them."""

from __future__ import annotations

import re
from decimal import Decimal

from segmentation.i18n.figures import Figures
from segmentation.i18n.labels import LONGEST_PROSE, Labels, clean
from segmentation.i18n.texts import Texts

NAME, NUMBER, TEXT = r"`(?:[^`]|``)+`|[^\W\d]\w*", r"-?\d+(?:\.\d+)?", r"'(?:[^'\\]|\\.)*'"
PART = re.compile(
    rf"(?P<name>{NAME}) (?P<sign>>=|<>|<|=) (?:(?P<number>{NUMBER})|(?P<text>{TEXT}))|(?P<join> AND | OR )"
)
NO_BREAK = "\N{NO-BREAK SPACE}"
SIGNS = {">=": "≥", "<": "<", "=": "=", "<>": "≠"}


def rule_in_words(condition: str, translate: Texts, figures: Figures, labels: Labels) -> str:
    """The condition with features by their names, figures in the language's form, and its joints as words.

    Thresholds keep all of their digits: the rule that is read is the one whose truth was measured.

    >>> from segmentation.reporting.voice import voice_of
    >>> voice_of("en", "IDR").rule("(recency_days < 43.5 AND total_gmv >= 1000000)").replace(NO_BREAK, " ")
    '(Days since last order < 43.5 and GMV ≥ Rp 1.0 M)'
    """

    def said(found: re.Match[str]) -> str:
        if found["join"]:
            return f" {translate('rule.' + found['join'].strip().lower())} "
        name = found["name"].strip("`").replace("``", "`")
        if found["number"]:
            value = figures.threshold(name, Decimal(found["number"]))
        else:
            value = labels.value(re.sub(r"\\(.)", r"\1", found["text"][1:-1]), 60)
        return f"{labels.feature(name)} {SIGNS[found['sign']]} {value}"

    words = clean(PART.sub(said, condition), LONGEST_PROSE)
    return re.sub(f" ({'|'.join(SIGNS.values())}) ", rf" \1{NO_BREAK}", words)  # a line breaks before a sign
