"""Which segmentation is the one, if any, and what it may be called. Plain Python over the fits' figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from segmentation.clustering.fits import METHODS, Fit
from segmentation.clustering.reasons import Reason
from segmentation.plans import GatePlan

Verdict = Literal["natural", "tiers", "none"]

ALIKE = Reason.of("alike")


@dataclass(frozen=True)
class JudgedFit:
    """A fit and the reason that it was not admitted as natural groups; None where it was."""

    fit: Fit
    reason: Reason | None
    slices: bool = False  # large and stable enough to be called tiers, whether or not they are natural groups


@dataclass(frozen=True)
class Choice:
    """The verdict, a sentence that says why, and the fit; no fit means one segment of everyone."""

    verdict: Verdict
    sentence: str
    fit: Fit | None
    judged: tuple[JudgedFit, ...]

    def rows(self) -> list[dict[str, object]]:
        """The sweep table's rows, but for the run's id."""
        return [_row(each, each.fit is self.fit) for each in self.judged]


def choose(fits: Sequence[Fit], gate: GatePlan, forced: int | None = None, alike: bool = False) -> Choice:
    """Natural groups where there are any, else tiers, else one segment; a forced k is obeyed and judged.

    alike: that entities differ in their orders by no more than chance, so that tiers of them are chance as well.
    """
    alone = [judge(fit, gate) for fit in fits]
    if alike:
        alone = [replace(each, reason=ALIKE, slices=False) if each.slices and each.reason else each for each in alone]
    judged = _finest(alone)
    if forced is not None:
        return _obeyed(alone, judged, forced)
    admitted = [each.fit for each in judged if each.reason is None]
    if admitted:
        fit = _furthest(admitted, gate.tie_margin)
        return Choice("natural", _natural(fit), fit, judged)
    slices = [each.fit for each in judged if each.slices and gate.tiers[0] <= each.fit.k <= gate.tiers[1]]
    if slices:
        fit = max(slices, key=lambda fit: (fit.stability or 0.0, -fit.k))
        return Choice("tiers", _tiers(fit), fit, judged)
    return Choice("none", _none(judged), None, judged)


def judge(fit: Fit, gate: GatePlan) -> JudgedFit:
    """The gates in order; the first that fails gives the reason."""
    if fit.untried:
        return JudgedFit(fit, fit.untried)
    too_loose = _why_no_slices(fit, gate)
    if too_loose:
        return JudgedFit(fit, too_loose)
    return JudgedFit(fit, _why_not_natural(fit, gate), slices=True)


def _why_no_slices(fit: Fit, gate: GatePlan) -> Reason | None:
    """What every segmentation must be: large enough in every segment, and stable."""
    share, outliers, stability = fit.smallest_share or 0.0, fit.outlier_share or 0.0, fit.stability or 0.0
    if share < gate.min_share:
        return Reason.of("small_segment", share=share, least=gate.min_share)
    if outliers > gate.max_outliers:
        return Reason.of("outliers", share=outliers, most=gate.max_outliers)
    if stability < gate.min_stability:
        return Reason.of("unstable", stability=stability, least=gate.min_stability)
    return None


def _why_not_natural(fit: Fit, gate: GatePlan) -> Reason | None:
    """What natural groups must be beyond that: better than the null reference, and with a gap between any two."""
    above, separation = fit.above_null or 0.0, 1.0 if fit.separation is None else fit.separation
    if fit.stable_resamples is not None and fit.stable_resamples < gate.min_returns * gate.resamples:
        return Reason.of("not_again", count=fit.stable_resamples, all=gate.resamples, least=gate.min_returns)
    if above < gate.min_above_chance:
        return Reason.of("by_chance", silhouette=fit.silhouette, null=fit.null_silhouette, least=gate.min_above_chance)
    if separation > gate.max_bridge:
        return Reason.of("no_gap", density=separation, most=gate.max_bridge)
    return None


def _finest(judged: Sequence[JudgedFit]) -> tuple[JudgedFit, ...]:
    """Of natural groupings the finest: a smaller k that passes as well has groups lumped together.

    The silhouette alone hardly notices: lumping a group of 3 % with a neighbour may even raise it.
    """
    finest = _finest_k(judged)
    lumped = Reason.of("lumped", k=finest)
    return tuple(replace(each, reason=lumped) if not each.reason and each.fit.k < finest else each for each in judged)


def _finest_k(judged: Sequence[JudgedFit]) -> int:
    """The largest k that is natural groups; 0 where none is."""
    return max((each.fit.k for each in judged if each.reason is None), default=0)


def _furthest(admitted: Sequence[Fit], margin: float) -> Fit:
    """The one furthest above the null reference; the smallest k of those within the margin of it."""
    best = max(fit.above_null or 0.0 for fit in admitted)
    tied = [fit for fit in admitted if (fit.above_null or 0.0) >= best - margin]
    return min(tied, key=lambda fit: (fit.k, -(fit.above_null or 0.0)))


def _obeyed(alone: Sequence[JudgedFit], judged: tuple[JudgedFit, ...], k: int) -> Choice:
    """k as the config says, and what is to be thought of it by itself (`alone`), whatever else passes."""
    found = [each for each in alone if each.fit.k == k and not each.fit.untried]
    if k == 1 or not found:
        reason = next((each.reason for each in judged if each.fit.k == k), None)
        why = reason.why if reason else "the config asks for one segment"
        return Choice("none", f"One segment of everyone: {why}.", None, judged)
    best = max(found, key=lambda each: (each.reason is None, each.slices, each.fit.above_null or 0.0))
    verdict: Verdict = "natural" if best.reason is None else "tiers" if best.slices else "none"
    thought = f"but {best.reason}" if best.reason else "and it passes every gate"
    finest = _finest_k(alone)
    if not best.reason and finest > k:
        thought += f"; k = {finest} tells more apart and passes as well"
    return Choice(verdict, f"{k} segments, as the config asks, {thought}.", best.fit, judged)


def _natural(fit: Fit) -> str:
    how = ", finer segments put together where there is no gap between them" if fit.merged else ""
    return f"{fit.k} natural groups, found by {METHODS[fit.method]}{how}: {_figures(fit)}."


def _tiers(fit: Fit) -> str:
    return (
        f"No natural groups. {fit.k} tiers, stable slices of a continuum, found by {METHODS[fit.method]}: "
        f"{_figures(fit)}. They tell more from less, not different kinds."
    )


def _figures(fit: Fit) -> str:
    return (
        f"{fit.stability:.2f} stable over resamples, silhouette {fit.silhouette:.3f} where {fit.null_silhouette:.3f} "
        f"would be chance, between the nearest two {fit.separation:.0%} as dense as within"
    )


def _none(judged: Sequence[JudgedFit]) -> str:
    reasons = {each.reason for each in judged if each.reason}
    same = next(iter(reasons)).why if len(reasons) == 1 else None
    why = ALIKE.why if ALIKE in reasons else same or "no k gives segments that are large and stable enough"
    return f"No segments: {why}. Everyone is in one."


def _row(each: JudgedFit, chosen: bool) -> dict[str, object]:
    fit = each.fit
    return {
        "method": fit.method,
        "k": fit.k,
        "silhouette": fit.silhouette,
        "wssse": fit.wssse,
        "smallest_share": fit.smallest_share,
        "stability": fit.stability,
        "chance": fit.null_silhouette,
        "separation": fit.separation,
        "stable_resamples": fit.stable_resamples,
        "admitted": each.reason is None,
        "reason": str(each.reason) if each.reason else None,
        "chosen": chosen,
    }
