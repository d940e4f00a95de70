"""What each word of a name claims of the profile table, written down apart from the code that names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.story.profiles import Row


@dataclass(frozen=True)
class Facts:
    """One row of a profile table beside the others."""

    row: Row
    others: Sequence[Row]

    def mean(self, feature: str) -> float:
        """The segment's mean."""
        return float(self.row[f"mean_{feature}"])

    def means(self, feature: str) -> list[float]:
        """The other segments' means."""
        return [float(row[f"mean_{feature}"]) for row in self.others]

    def above(self, feature: str) -> bool:
        """More than all have on average, and far more than the other segments do."""
        usual = sum(self.means(feature)) / len(self.others)
        return self.row[f"lift_{feature}"] > 1 and self.mean(feature) >= 1.5 * usual

    def below(self, feature: str) -> bool:
        """Less than all have on average, and far less than the other segments do."""
        usual = sum(self.means(feature)) / len(self.others)
        return self.row[f"lift_{feature}"] < 1 and self.mean(feature) <= usual / 1.5

    def long_ago(self) -> bool:
        """Nearer to the least recent segment than to the most recent, far from that, and no better than most."""
        days, others = self.mean("recency_days"), self.means("recency_days")
        far = days - min(others) >= max(others) - days and days > 3 * min(others)
        return far and self.row["lift_recency_days"] >= 0.8

    def between(self, feature: str) -> bool:
        """Some segment has far more and some far less."""
        mean, others = self.mean(feature), self.means(feature)
        return max(others) >= 1.5 * mean and mean >= 1.5 * min(others) and min(others) < mean < max(others)

    def known(self, feature: str) -> bool:
        """Whether the feature has a mean and a lift."""
        return self.row.get(f"mean_{feature}") is not None and self.row.get(f"lift_{feature}") is not None

    def usual(self, feature: str) -> bool:
        """Neither far above nor far below; also where unknown."""
        return not self.known(feature) or not (self.above(feature) or self.below(feature))


Claim = Callable[[Facts], bool]


def _above(feature: str) -> Claim:
    return lambda facts: facts.above(feature)


def _below(feature: str) -> Claim:
    return lambda facts: facts.below(feature)


_RECENCY: dict[str, Claim] = {
    "Dormant": lambda facts: facts.long_ago() or facts.above("recency_days"),
    "Active": _below("recency_days"),
}
_ORDERS: dict[str, Claim] = {
    "Large-Order": _above("avg_order_value"),
    "Small-Order": _below("avg_order_value"),
    "Occasional": _below("count_orders"),
    "Voucher-Dependent": lambda facts: facts.above(
        "voucher_value" if "mean_voucher_value" in facts.row else "total_vouchers"
    ),
    "Voucher-Light": lambda facts: facts.below(
        "voucher_value" if "mean_voucher_value" in facts.row else "total_vouchers"
    ),
    "Wide-Range": _above("unique_categories"),
    "Narrow-Range": _below("unique_categories"),
    "Cancellation-Prone": lambda facts: facts.above("cancel_rate") and facts.mean("cancel_rate") >= 0.05,
    "Return-Prone": lambda facts: facts.above("return_rate") and facts.mean("return_rate") >= 0.05,
    "Mid-Range": lambda facts: all(map(facts.usual, ("count_orders", "total_gmv", "avg_order_value", "recency_days"))),
}
CLAIMS: dict[str, dict[str, Claim]] = {
    "buyers": {
        **_RECENCY,
        **_ORDERS,
        "High-Spending": _above("total_gmv"),
        "Moderate-Spending": lambda facts: facts.between("total_gmv"),
        "Low-Spending": lambda facts: facts.below("total_gmv"),
        "Regulars": lambda facts: facts.above("count_orders") and facts.below("recency_days"),
        "Sporadic": lambda facts: facts.below("count_orders") and facts.long_ago(),
        "Frequent": _above("count_orders"),
        "Infrequent": _below("count_orders"),
        "Many-Seller": _above("unique_sellers"),
        "Few-Seller": _below("unique_sellers"),
        "Older": _above("age"),
        "Younger": _below("age"),
    },
    "sellers": {
        **_RECENCY,
        **_ORDERS,
        "Niche": _below("unique_buyers"),
        "Low-Volume": _below("count_orders"),
        "High-Volume": _above("count_orders"),
        "Established": lambda facts: facts.above("count_orders") and facts.below("recency_days"),
        "High-Potential": lambda facts: (
            facts.above("unique_buyers") and not (facts.known("total_gmv") and facts.above("total_gmv"))
        ),
        "High-Sales": _above("total_gmv"),
        "Low-Sales": _below("total_gmv"),
        "Widely Bought": _above("unique_buyers"),
        "Many-Buyer": _above("unique_buyers"),
        "Few-Buyer": _below("unique_buyers"),
        "One-Buyer-Reliant": lambda facts: facts.above("top_buyer_share") and facts.mean("top_buyer_share") >= 0.5,
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
