"""Who is a few sales or one small change away from a better segment, as the page says it."""

from __future__ import annotations

import pandas as pd
import pytest

from segmentation.features.measures import MOVED_BY_SALES
from segmentation.i18n.text import LANGS, Lang
from segmentation.i18n.texts import load_texts
from segmentation.plans import CHANGES
from segmentation.reporting.border import SALES
from segmentation.reporting.sections.moves import moves
from segmentation.reporting.voice import voice_of
from tests.unit.reporting.fixtures import make_entity, make_profiles
from tests.unit.reporting.published import BUYERS, SELLERS

ENGLISH, INDONESIAN = voice_of("en", "IDR"), voice_of("id", "IDR")


def near(*lines: tuple[int, int, str | None, int, float | None]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["segment", "to_segment", "feature", "entities", "change"])


def step(feature: str, change: float, entity: str = "buyers", voice: object = ENGLISH) -> str:
    data = make_entity(BUYERS, "natural", near=near((3, 2, feature, 9, change)))
    found = moves(entity, data, voice)  # type: ignore[arg-type]
    assert found is not None
    text = found.lines[0].text
    return text[text.index(": ") + 2 : text.index(".", text.index(": ")) + 1] if "Half of" in text else text


def test_how_many_by_what_change_and_what_either_segment_is_worth() -> None:
    profiles = make_profiles(BUYERS).assign(median_total_gmv=[None, 900.0, 500.0, 120.0])
    data = make_entity(
        BUYERS, "natural", profiles=profiles,
        near=near((3, 2, SALES, 412, 2.0), (3, 1, SALES, 36, 1.0), (3, 2, "avg_order_value", 7, 250.0)),
    )  # fmt: skip
    found = moves("buyers", data, ENGLISH)

    assert found is not None
    assert found.title == "455 of 14,309 buyers with a sale are close to the border of the next better segment"
    assert [(one.from_number, one.to_number) for one in found.lines] == [(3, 2), (3, 1), (3, 2)]
    assert found.lines[0].text == (
        "412 on the border. It would typically take: 2 more orders now, each as large as theirs on average. "
        "Half of the better segment have Rp 500 of GMV or more, half of theirs Rp 120 or more."
    )
    assert found.lines[1].text == (
        "36 on the border. It would take: one more order now, as large as theirs on average. "
        "Half of the better segment have Rp 900 of GMV or more, half of theirs Rp 120 or more."
    )
    assert found.lines[2].text.startswith(
        "7 on the border. With all other figures as they are, it would typically take: order for Rp 250 more at a time"
    )
    assert found.rest == ""


@pytest.mark.parametrize("lang", LANGS)
def test_no_words_tell_anybody_to_move_alone_what_only_sales_move(lang: Lang) -> None:
    """Nobody's last order grows younger, and no number of orders grows, without an order that moves all of these."""
    told = {key.split(".")[2] for key in load_texts(lang).keys if key.startswith("moves.") and key.count(".") == 2}
    alone = {name for name in CHANGES if any(key.startswith((f"{name}_up", f"{name}_down")) for key in told)}
    assert alone == {
        "avg_order_value", "unique_categories", "unique_sellers", "unique_buyers", "rhythm_days", "cancel_rate",
        "return_rate", "completion_rate",
    }  # fmt: skip
    assert {"count_orders", "total_gmv", "recency_days", "lapse"} <= {*MOVED_BY_SALES}
    assert not alone & {*MOVED_BY_SALES}


def test_those_whom_no_small_step_moves_are_counted_and_told_apart() -> None:
    data = make_entity(
        BUYERS, "natural", near=near((3, 2, SALES, 9, 1.0), (3, 2, None, 4, None), (2, 1, None, 1, None))
    )
    for voice, said in (
        (ENGLISH, "For 5 others on the border it takes something else, or more."),
        (INDONESIAN, "Bagi 5 lainnya di perbatasan diperlukan hal lain, atau lebih banyak."),
    ):
        found = moves("buyers", data, voice)
        assert found is not None
        assert (found.title.split()[0], len(found.lines), found.rest) == ("14", 1, said)
    assert moves("buyers", make_entity(BUYERS, "natural", near=near((3, 2, None, 4, None))), ENGLISH) is None


@pytest.mark.parametrize(
    ("feature", "change", "said"),
    [
        ("avg_order_value", 250_000.0, "order for Rp 250."),  # up to its decimal point
        ("cancel_rate", -0.05, "have 5."),
        ("weekly_visits", 3.0, "bring “Weekly visits” up by 3."),
        ("weekly_visits", -3.0, "bring “Weekly visits” down by 3."),
    ],
)
def test_a_change_in_words(feature: str, change: float, said: str) -> None:
    assert step(feature, change) == said


@pytest.mark.parametrize(("change", "english", "indonesian"), [(-0.05, "5.0", "5,0"), (-0.0004, "0.04", "0,04")])
def test_points_are_no_percentages_and_a_small_step_is_not_nought(change: float, english: str, indonesian: str) -> None:
    data = make_entity(SELLERS, "tiers", near=near((2, 1, "return_rate", 4, change)))
    (line,) = moves("sellers", data, ENGLISH).lines  # type: ignore[union-attr]
    assert f"have {english} percentage points fewer of the orders returned" in line.text
    (line,) = moves("sellers", data, INDONESIAN).lines  # type: ignore[union-attr]
    assert f"{indonesian} poin persentase lebih sedikit pesanan yang dikembalikan" in line.text


def test_sellers_sell() -> None:
    data = make_entity(SELLERS, "tiers", near=near((2, 1, SALES, 1, 2.0)))
    (line,) = moves("sellers", data, ENGLISH).lines  # type: ignore[union-attr]
    assert line.text.startswith(
        "One on the border. It would take: 2 more sales now, each as large as theirs on average."
    )
    (line,) = moves("sellers", data, INDONESIAN).lines  # type: ignore[union-attr]
    assert line.text.startswith(
        "Satu di perbatasan. Yang diperlukan: 2 penjualan lagi sekarang, masing-masing sebesar rata-rata penjualan mereka."
    )


def test_nothing_is_said_where_nobody_is_near_or_nothing_should_be_built_on_segments() -> None:
    assert moves("buyers", make_entity(BUYERS, "natural", near=near()), ENGLISH) is None
    assert moves("buyers", make_entity(BUYERS, "natural", near=None), ENGLISH) is None
    assert moves("buyers", make_entity(BUYERS, "none", near=near((3, 2, SALES, 9, 1.0))), ENGLISH) is None


def test_at_most_ten_lines_and_all_are_counted() -> None:
    lines = [(3, 2, f"x{at}", 20 - at, 1.0) for at in range(14)]
    found = moves("buyers", make_entity(BUYERS, "natural", near=near(*lines)), ENGLISH)

    assert found is not None
    assert len(found.lines) == 10
    assert found.title.startswith(f"{sum(20 - at for at in range(14))} of ")


@pytest.mark.parametrize(("here", "there"), [(500.0, 120.0), (None, 500.0), (500.0, None), (500.0, 500.0)])
def test_nothing_is_told_of_worth_that_is_not_more(here: float | None, there: float | None) -> None:
    profiles = make_profiles(BUYERS).assign(median_total_gmv=[None, there, there, here])
    data = make_entity(BUYERS, "natural", profiles=profiles, near=near((3, 2, SALES, 4, 1.0)))
    found = moves("buyers", data, ENGLISH)
    assert found is not None
    assert found.lines[0].text == "4 on the border. It would take: one more order now, as large as theirs on average."
