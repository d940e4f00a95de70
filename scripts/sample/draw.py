"""Drawing numbers that hold a total to the unit, and that come out the same on any machine."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rng = np.random.Generator


def coarse(values: Floats) -> Floats:
    """The values to 16 binary digits.

    exp() may differ in the last bit from one processor to the next. Cut off right after it is
    used, that bit practically never gets as far as a file.
    """
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.rint(mantissa * 2**16), exponent - 16)


def lognormal(rng: Rng, sigma: float, size: int) -> Floats:
    """`size` positive numbers around 1, their logarithm spread by `sigma`."""
    return coarse(np.exp(sigma * rng.standard_normal(size)))


def apportion(weights: Floats, total: int, least: int = 0) -> Ints:
    """Whole numbers that add up to `total`, each `least` plus its share by weight.

    Running sums are rounded, not the shares, so that nothing is left over.
    """
    spare = total - least * len(weights)
    if spare < 0:
        raise ValueError(f"{total} cannot be shared out as at least {least} to each of {len(weights)}")
    running = np.cumsum(weights)
    steps = np.floor(running * (spare / running[-1]) + 0.5).astype(np.int64)
    steps[-1] = spare
    return least + np.diff(steps, prepend=0)


def apportion_within(groups: Ints, weights: Floats, totals: Ints, least: int = 0) -> Ints:
    """`apportion` in each group at once: `groups` is sorted, `totals` has one entry per group."""
    members = np.bincount(groups, minlength=len(totals))
    spare = (totals - least * members).astype(np.float64)
    share = weights / np.bincount(groups, weights, len(totals))[groups]
    # Within a group the running sum starts at 0, so that large totals elsewhere cost no precision.
    running = np.cumsum(share)
    first = np.cumsum(members) - members
    before = np.where(first > 0, running[first - 1], 0.0)
    steps = np.floor((running - before[groups]) * spare[groups] + 0.5)
    last = np.flatnonzero(np.diff(groups, append=groups[-1] + 1))
    steps[last] = spare[groups[last]]
    previous = np.concatenate(([0.0], steps[:-1]))
    previous[first[members > 0]] = 0.0
    return least + (steps - previous).astype(np.int64)


def starts(sizes: Ints) -> Ints:
    """Where each run of `sizes` begins, when the runs lie one after another."""
    return np.cumsum(sizes) - sizes


def within(sizes: Ints) -> Ints:
    """0, 1, 2 … inside each run of `sizes`."""
    return np.arange(sizes.sum()) - np.repeat(starts(sizes), sizes)


def deal(amounts: Floats, shares: Floats, room: int, rng: Rng) -> Ints:
    """A place for each amount, so that the places' sums come as near as can be to `shares`.

    Small amounts are drawn at random; the `room` largest then go, largest first, to the place that
    lacks most. Random draws alone would leave a share to the luck of a few giants.
    """
    places = rng.choice(len(shares), len(amounts), p=shares / shares.sum())
    order = np.argsort(-amounts, kind="stable")
    large, small = order[:room], order[room:]
    lacking = shares / shares.sum() * amounts.sum() - np.bincount(places[small], amounts[small], len(shares))
    for one in large:
        places[one] = np.argmax(lacking)
        lacking[places[one]] -= amounts[one]
    return places
