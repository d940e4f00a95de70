"""Writes sample exports of a business, in the shape of its real ones, with the truth about them.

    scripts/make_sample.py [padi|classes] --out DIR [--scale S] [--seed N] [--movers N]

The same arguments give the same bytes.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sample import classes, padi

# What each business is written by; the first is the default.
BUSINESSES: dict[str, Callable[..., None]] = {
    "padi": padi.write,
    "classes": classes.write,
}

SMALLEST_SCALE = 0.005


def scale(text: str) -> float:
    """A scale that leaves room for every group and every kind of dirt."""
    value = float(text)
    if not SMALLEST_SCALE <= value <= 1000:
        raise argparse.ArgumentTypeError(f"{text} is not between {SMALLEST_SCALE} and 1000")
    return value


def seed(text: str) -> int:
    """A seed of the generator: not negative."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def movers(text: str) -> int:
    """How many buyers change group: not negative."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write sample exports with known truth.")
    default = next(iter(BUSINESSES))
    parser.add_argument("business", nargs="?", choices=list(BUSINESSES), default=default, help="default: %(default)s")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument("--scale", type=scale, default=1.0, metavar="S", help="1 is the published size (default)")
    parser.add_argument("--seed", type=seed, default=42, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--movers",
        type=movers,
        default=0,
        metavar="N",
        help="of padi: so many buyers more who change group in known months (truth/movers.csv); default: none",
    )
    options = parser.parse_args(arguments)
    if options.movers and options.business != default:
        parser.error(f"--movers: found business {options.business}, expected {default}, whose buyers alone move")
    return options


def main() -> None:
    """Writes what the command line asks for."""
    options = parse()
    begun = time.monotonic()
    planted = (options.movers,) if options.movers else ()
    BUSINESSES[options.business](options.out, options.scale, options.seed, *planted)
    print(f"written to {options.out} in {time.monotonic() - begun:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
