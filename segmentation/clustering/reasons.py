"""Why a segmentation was not taken, or a feature was left out: a code with its figures, and the sentence of both.

Tables hold the sentence, which is read back into its code where a page tells it in another language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from string import Formatter

# Sentences by code. Why a segmentation was not tried, in the order in which it is found out …
UNTRIED = {
    "no_feature_varies": "no feature varies",
    "few_entities": "{entities:,} entities, fewer than the {needed:,} needed",
    "few_different": "only {different:,} different entities, fewer than k = {k}",
    "empty_segments": "only {found} of {k} segments have anyone in them",
}
# … why one that was tried is no natural grouping, in the order of the gates …
REFUSED = {
    "small_segment": "the smallest segment holds {share:.2%}, less than {least:.2%}",
    "outliers": "a segment is made of outliers: {share:.0%} of it, more than {most:.0%}",
    "unstable": "not stable: {stability:.2f} over resamples, less than {least:.2f}",
    "not_again": "not the same groups again: all came back from {count} of {all} resamples, fewer than {least:.0%}",
    "by_chance": "no better than chance: silhouette {silhouette:.3f} against {null:.3f} without groups, "
    "less than {least:.3f} above",
    "no_gap": "two segments are one group cut in two: between them it is {density:.0%} as dense as in the sparser one, "
    "more than {most:.0%}",
    "lumped": "groups lumped together: k = {k} tells more apart and passes as well",
    "alike": "tiers by chance: orders dealt out at random would differ as much",
}
# … and why a feature was left out.
LEFT_OUT = {
    "unknown": "{feature} is unknown for everyone",
    "hardly_varies": "{feature} hardly varies: {share:.1%} have the same value ({value})",
    "running_number": "{feature} is a different number for everyone, one after another: an id",
    "none_shared": "{feature} has {values:,} different values and none that many share",
    "few_shared": "{feature} has {values:,} different values, of which the {top} commonest hold only {share:.1%}",
}
SENTENCES: Mapping[str, str] = {
    **{code: f"not tried: {sentence}" for code, sentence in UNTRIED.items()},
    **REFUSED,
    **LEFT_OUT,
}


@dataclass(frozen=True)
class Reason:
    """A code of SENTENCES, and its figures as its sentence writes them: 1,234.5 or 12.50%."""

    code: str
    figures: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, code: str, **values: object) -> Reason:
        """The reason with these values, each written as the sentence has it."""
        return cls(code, {name: format(values[name], spec) for _, name, spec in _parts(SENTENCES[code]) if name})

    @classmethod
    def read(cls, sentence: str) -> Reason | None:
        """The reason of a sentence that a table holds; None where no release wrote it in these words."""
        for code, pattern in _patterns().items():
            if found := pattern.fullmatch(sentence):
                return cls(code, found.groupdict())
        return None

    def __str__(self) -> str:
        """The sentence."""
        return _filled(SENTENCES[self.code], self.figures)

    @property
    def why(self) -> str:
        """The sentence without saying that nothing was tried."""
        return _filled(UNTRIED[self.code], self.figures) if self.code in UNTRIED else str(self)


def _filled(sentence: str, figures: Mapping[str, str]) -> str:
    return "".join(text + (figures[name] if name else "") for text, name, _ in _parts(sentence))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """What the sentences of each code look like: a value may be any text, figures and names hold no blanks."""
    return {
        code: re.compile("".join(re.escape(text) + _slot(name) for text, name, _ in _parts(sentence)), re.DOTALL)
        for code, sentence in SENTENCES.items()
    }


def _slot(name: str) -> str:
    looks = ".+" if name == "value" else r"\S+"
    return f"(?P<{name}>{looks})" if name else ""


def _parts(sentence: str) -> list[tuple[str, str, str]]:
    """Text, name and format of each slot with what stands before it; the last may have no slot."""
    return [(text, name or "", spec or "") for text, name, spec, _ in Formatter().parse(sentence)]
