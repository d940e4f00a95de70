"""What each word of a name claims of the profile table, by docs/words.md and apart from the code that names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.unit.story.profiles import Row


@dataclass(frozen=True)
class Facts:
    """One row of a profile table beside the others."""

    row: Row
    others: Sequence[Row]

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", _of_half(self.row))
        object.__setattr__(self, "others", [_of_half(row) for row in self.others])

    def mean(self, feature: str) -> float:
        """The segment's mean; NaN where it is not known."""
        found = self.row[f"mean_{feature}"]
        return float("nan") if found is None else float(found)

    def means(self, feature: str) -> list[float]:
        """The other segments' means."""
        return [float(row[f"mean_{feature}"]) for row in self.others if row[f"mean_{feature}"] is not None]

    def half(self, feature: str) -> float:
        """The figure at which, or beyond, half of the segment are; NaN where fewer than half have one."""
        found = self.row.get(f"median_{feature}")
        return float("nan") if found is None else float(found)

    def halves(self, feature: str) -> list[float]:
        """The same of the other segments, so far as it is known."""
        return [float(row[f"median_{feature}"]) for row in self.others if row.get(f"median_{feature}") is not None]

    def dormant(self) -> bool:
        """Away for 90 days, and for twice their own rhythm where half of them have one."""
        return self.half("recency_days") >= 90 and not self.half("lapse") < 2

    def between(self, feature: str) -> bool:
        """Some segment has far more and some far less."""
        mean, others = self.mean(feature), self.means(feature)
        return max(others) >= 1.5 * mean and mean >= 1.5 * min(others)


Claim = Callable[[Facts], bool]


def _of_half(row: Row) -> Row:
    """What is said of a segment by half of it or more."""
    silent = {key[6:] for key in row if key[:6] == "known_" and 2 * row[key] < row["size"]}
    return {key: None if key.partition("_")[2] in silent and key[:6] != "known_" else row[key] for key in row}


def _at_least(feature: str, bound: float) -> Claim:
    return lambda facts: facts.half(feature) >= bound


def _at_most(feature: str, bound: float) -> Claim:
    return lambda facts: facts.half(feature) <= bound


def _below(feature: str, bound: float) -> Claim:
    return lambda facts: facts.half(feature) < bound


def _all(*claims: Claim) -> Claim:
    return lambda facts: all(claim(facts) for claim in claims)


_MUCH: Claim = lambda facts: facts.row["lift_total_gmv"] > 1  # noqa: E731
_LITTLE: Claim = lambda facts: facts.row["lift_total_gmv"] < 1  # noqa: E731
_OF_BOTH: dict[str, Claim] = {
    "Dormant": Facts.dormant,
    "Active": _at_most("recency_days", 30),
    "Large-Order": lambda facts: facts.half("avg_order_value") > max(facts.halves("avg_order_value")),
    "Small-Order": lambda facts: facts.half("avg_order_value") < min(facts.halves("avg_order_value")),
    "Occasional": _below("orders_per_month", 1),
    "Voucher-Dependent": lambda facts: (
        facts.half("voucher_rate") >= 0.25
        and facts.half("voucher_rate") * len(facts.halves("voucher_rate")) >= 1.5 * sum(facts.halves("voucher_rate"))
    ),
    "Voucher-Light": _at_most("voucher_rate", 0.05),
    "Wide-Range": _at_least("unique_categories", 3),
    "Narrow-Range": _at_most("unique_categories", 2),
    "Cancellation-Prone": _at_least("cancel_rate", 0.1),
    "Return-Prone": _at_least("return_rate", 0.05),
    "Other": lambda facts: True,  # claims nothing
}
CLAIMS: dict[str, dict[str, Claim]] = {
    "buyers": {
        **_OF_BOTH,
        "High-Spending": _MUCH,
        "Moderate-Spending": lambda facts: facts.between("total_gmv"),
        "Low-Spending": _LITTLE,
        "Regulars": _all(_at_least("count_orders", 4), _at_most("rhythm_days", 45), _at_most("recency_days", 60)),
        "Sporadic": _all(_below("orders_per_month", 1), _at_least("recency_days", 31)),
        "Frequent": _at_least("orders_per_month", 1),
        "Infrequent": _below("orders_per_month", 1),
        "Many-Seller": _at_least("unique_sellers", 5),
        "Few-Seller": _at_most("unique_sellers", 2),
        "Older": lambda facts: facts.row["lift_age"] > 1,
        "Younger": lambda facts: facts.row["lift_age"] < 1,
    },
    "sellers": {
        **_OF_BOTH,
        "Niche": _all(_at_most("unique_buyers", 3), lambda facts: facts.row["lift_unique_buyers"] < 1),
        "Low-Volume": _below("orders_per_month", 1),
        "High-Volume": _at_least("orders_per_month", 1),
        "Established": _all(_at_least("orders_per_month", 1), _at_most("recency_days", 30)),
        "High-Potential": _at_least("unique_buyers", 5),
        "High-Sales": _MUCH,
        "Low-Sales": _LITTLE,
        "Widely Bought": _at_least("unique_buyers", 5),
        "Many-Buyer": _at_least("unique_buyers", 5),
        "Few-Buyer": _at_most("unique_buyers", 3),
        "One-Buyer-Reliant": _at_least("top_buyer_share", 0.5),
    },
}
COMPARED = {
    "More Orders": ("count_orders", 1), "Fewer Orders": ("count_orders", -1),
    "Larger Orders": ("avg_order_value", 1), "Smaller Orders": ("avg_order_value", -1),
    "Higher Spending": ("total_gmv", 1), "Lower Spending": ("total_gmv", -1),
    "Higher Sales": ("total_gmv", 1), "Lower Sales": ("total_gmv", -1),
    "Older Last Orders": ("recency_days", 1), "More Recent Orders": ("recency_days", -1),
    "Older Last Sales": ("recency_days", 1), "More Recent Sales": ("recency_days", -1),
    "More Vouchers": ("v", 1), "Fewer Vouchers": ("v", -1),
    "More Categories": ("unique_categories", 1), "Fewer Categories": ("unique_categories", -1),
    "More Sellers": ("unique_sellers", 1), "Fewer Sellers": ("unique_sellers", -1),
    "More Buyers": ("unique_buyers", 1), "Fewer Buyers": ("unique_buyers", -1),
    "More Cancellations": ("cancel_rate", 1), "Fewer Cancellations": ("cancel_rate", -1),
    "More Returns": ("return_rate", 1), "Fewer Returns": ("return_rate", -1),
    "Higher Age": ("age", 1), "Lower Age": ("age", -1),
    "Greater Reliance on One Buyer": ("top_buyer_share", 1), "Less Reliance on One Buyer": ("top_buyer_share", -1),
}  # fmt: skip


def claims_in(name: str, entity: str) -> tuple[list[str], str]:
    """The words in a name's stem that claim something, and what is left of it without them."""
    found, left = [], name
    for word in sorted(CLAIMS[entity], key=len, reverse=True):
        if word in left:
            found.append(word)
            left = left.replace(word, "", 1)
    return found, left.replace(entity.title(), "").strip(" ,—")
