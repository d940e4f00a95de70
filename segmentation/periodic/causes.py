"""Why somebody is in another segment than on the day before: the rules, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from segmentation.clustering.model import BORDER_OF_DRIFT


@dataclass(frozen=True)
class Cause:
    """One cause: its name, what it says of a move, and the condition on a pair of snapshots (see migrations.pairs_of).

    is_ours: that another model, or other data, moved them, so that no feature of theirs crossed a border.
    """

    name: str
    meaning: str
    holds: Callable[[], Column]
    is_ours: bool = False


def _is_unsure(side: str) -> Column:
    return F.coalesce(F.col(f"{side}.confidence") < BORDER_OF_DRIFT, F.lit(False))


def _sold_nothing() -> Column:
    """Whether the last sale up to the later day had been made by the earlier one, or there is none at all."""
    return F.coalesce(F.to_date("after.last_order_at") <= F.col("as_of_from"), F.lit(True))


def _is(column: str) -> Column:
    return F.coalesce(F.col(column), F.lit(False))


def _did_nothing() -> Column:
    """Whether all that orders say is as on the earlier day, but for what the day alone changes."""
    return F.col("segment_from").isNotNull() & _sold_nothing() & ~_is("figures_changed")


def _was() -> Column:
    """The segment of the earlier day, as the later model numbers segments; NULL: new."""
    return F.coalesce("segment_by_later_model", "segment_from")


def _is_outdated() -> Column:
    """Whether the later snapshot is the older work, and what is known today would leave them where they were."""
    return _is("later_data_changed") & F.coalesce(F.col("later_by_todays_data") == _was(), F.lit(False))


def _would_have_been_there() -> Column:
    were = F.coalesce(F.col("segment_by_todays_data") == F.col("segment_to"), F.lit(False))
    return F.col("segment_from").isNull() | were


# The first that holds is told. What is due to us (another model, other data) comes before what is due to them; where
# both sides of a border are all but equally near, what happened to take somebody over it is no news.
CAUSES = (
    Cause(
        "refit",
        "the later snapshot is by another model, which puts what was known on the earlier day where they are now",
        lambda: F.coalesce(_was() == F.col("segment_to"), F.lit(False)),
        is_ours=True,
    ),
    Cause(
        "correction",
        "the orders up to the earlier day are others today (late or mended ones), or an attribute is, and with them "
        "they would have been there then; or they were not known then at all although they had ordered, or are no "
        "more; or it is the later snapshot that was made before this was known, and with it they would have stayed; or "
        "they did nothing since, and an attribute by which the model goes is another one",
        lambda: (
            F.col("segment_to").isNull()
            | (_is("data_changed") & _would_have_been_there())
            | _is_outdated()
            | (_did_nothing() & _is("attributes_changed"))
        ),
        is_ours=True,
    ),
    Cause(
        "border",
        f"confidence below {BORDER_OF_DRIFT} on both days: they stand between two segments",
        lambda: _is_unsure("before") & _is_unsure("after"),
    ),
    Cause(
        "recency",
        "no sale since the earlier day, and nothing by which the model goes is another but for the day: only time "
        "passed",
        _did_nothing,
    ),
    Cause(
        "behaviour",
        "all others: they bought, sold, cancelled or returned since, or bought or sold for the first time",
        lambda: F.lit(True),
    ),
)


def cause() -> Column:
    """The first cause that holds; NULL of those who stayed.

    Numbers of two models are no places to compare: who is where the later model puts what was known on the earlier day
    did not move, and who is not did, also from one segment to another of the same number.
    """
    asked = reduce(
        lambda found, each: F.when(each.holds(), F.lit(each.name)).otherwise(found),
        reversed(CAUSES),
        F.lit(None).cast("string"),
    )
    stayed, same_number = (was.eqNullSafe(F.col("segment_to")) for was in (_was(), F.col("segment_from")))
    return F.when(~(stayed & same_number), asked)


def meanings() -> Mapping[str, str]:
    """What each cause says, in the order in which they are asked."""
    return {each.name: each.meaning for each in CAUSES}
