"""Which segmentation is the one, if any, and what it may be called. Plain Python over the fits' figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from segmentation.clustering.fits import METHODS, Fit
from segmentation.plans import GatePlan

Verdict = Literal["natural", "tiers", "none"]


@dataclass(frozen=True)
class Judged:
    """A fit and the reason that it was not admitted as natural groups; None where it was."""

    fit: Fit
    reason: str | None
    slices: bool = False  # large and stable enough to be called tiers, whatever chance says


@dataclass(frozen=True)
class Choice:
    """The verdict, a sentence that says why, and the fit; no fit means one segment of everyone."""

    verdict: Verdict
    sentence: str
    fit: Fit | None
    judged: tuple[Judged, ...]

    def rows(self) -> list[dict[str, object]]:
        """The sweep table's rows, but for the run's id."""
        return [_row(each, each.fit is self.fit) for each in self.judged]


def choose(fits: Sequence[Fit], gate: GatePlan, forced: int | None = None) -> Choice:
    """Natural groups where there are any, else tiers, else one segment; a forced k is obeyed and judged."""
    judged = tuple(judge(fit, gate) for fit in fits)
    if forced is not None:
        return _obeyed(judged, forced, gate)
    admitted = [each.fit for each in judged if each.reason is None]
    if admitted:
        fit = _furthest(admitted, gate.tie_margin)
        return Choice("natural", _natural(fit), fit, judged)
    slices = [each.fit for each in judged if each.slices and gate.tiers[0] <= each.fit.k <= gate.tiers[1]]
    if slices:
        fit = max(slices, key=lambda fit: (fit.stability or 0.0, -fit.k))
        return Choice("tiers", _tiers(fit), fit, judged)
    return Choice("none", _none(judged), None, judged)


def judge(fit: Fit, gate: GatePlan) -> Judged:
    """The gates in order; the first that fails gives the reason."""
    if fit.untried:
        return Judged(fit, f"not tried: {fit.untried}")
    share, stability, above = fit.smallest_share, fit.stability, fit.above_chance
    if share is not None and share < gate.min_share:
        return Judged(fit, f"smallest segment holds {share:.2%}, less than {gate.min_share:.2%}")
    if stability is not None and stability < gate.min_stability:
        return Judged(fit, f"not stable: {stability:.2f} over resamples, less than {gate.min_stability:.2f}")
    if above is not None and above < gate.min_above_chance:
        return Judged(
            fit,
            f"no better than chance: silhouette {fit.silhouette:.3f} against {fit.chance:.3f} "
            f"without groups, expected {gate.min_above_chance:.3f} more",
            slices=True,
        )
    return Judged(fit, None, slices=True)


def _furthest(admitted: Sequence[Fit], margin: float) -> Fit:
    """The one furthest above chance; the smallest k of those within the margin of it."""
    best = max(_height(fit) for fit in admitted)
    tied = [fit for fit in admitted if _height(fit) >= best - margin]
    return min(tied, key=lambda fit: (fit.k, -_height(fit)))


def _height(fit: Fit) -> float:
    above = fit.above_chance
    return above if above is not None else fit.silhouette or 0.0


def _obeyed(judged: tuple[Judged, ...], k: int, gate: GatePlan) -> Choice:
    """k as the config says, and what is to be thought of it."""
    found = [each for each in judged if each.fit.k == k and not each.fit.untried]
    if k == 1 or not found:
        why = next((each.reason for each in judged if each.fit.k == k), "one segment was asked for")
        return Choice("none", f"One segment of everyone: {why}.", None, judged)
    best = max(found, key=lambda each: (each.reason is None, each.slices, _height(each.fit)))
    verdict: Verdict = "natural" if best.reason is None else "tiers" if best.slices else "none"
    said = f"k = {k} was set in the config"
    sentence = f"{said}; it is {best.reason}." if best.reason else f"{said}, and it passes every gate."
    return Choice(verdict, sentence, best.fit, judged)


def _natural(fit: Fit) -> str:
    return f"{fit.k} natural groups by {METHODS[fit.method]}: stable{_figures(fit)}."


def _tiers(fit: Fit) -> str:
    return (
        f"No natural groups, but {fit.k} stable tiers of a continuum by {METHODS[fit.method]}"
        f"{_figures(fit)}: useful to tell more from less, not different kinds."
    )


def _figures(fit: Fit) -> str:
    if fit.stability is None or fit.above_chance is None:
        return ""
    return (
        f" ({fit.stability:.2f} over resamples), silhouette {fit.silhouette:.3f}, "
        f"{fit.above_chance:+.3f} to chance"
    )


def _none(judged: Sequence[Judged]) -> str:
    reasons = {each.reason for each in judged if each.reason}
    why = reasons.pop() if len(reasons) == 1 else "no k gives groups that are large and stable enough"
    return f"No segments: {why}. Everyone is in one segment."


def _row(each: Judged, chosen: bool) -> dict[str, object]:
    fit = each.fit
    return {
        "method": fit.method,
        "k": fit.k,
        "silhouette": fit.silhouette,
        "wssse": fit.wssse,
        "smallest_share": fit.smallest_share,
        "stability": fit.stability,
        "chance": fit.chance,
        "admitted": each.reason is None,
        "reason": each.reason,
        "chosen": chosen,
    }
