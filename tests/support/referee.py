"""A referee of names and sentences, from docs/words.md and the features alone.

It knows nothing of how the report finds its words: every figure is DuckDB's, from the features of those in a segment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from statistics import fmean
from typing import Literal

import duckdb
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
from deltalake import DeltaTable

Entity = Literal["buyers", "sellers"]
Figures = dict[str, float | None]
Ruling = tuple[bool, Figures]

ALL = 0  # the cells of all with a sale: segment 0 is no segment of those
SIDE: dict[str, str] = {"buyers": "buyer", "sellers": "seller"}
NEAR = 1e-9  # what a quotient of doubles may be off by


@dataclass(frozen=True)
class Segments:
    """The segments of one side with a sale, and what DuckDB makes of their features: of a feature that is known of
    fewer than half of a segment nothing.
    """

    entity: Entity
    names: Mapping[int, str]
    cells: Mapping[int, Figures]
    elsewhere: tuple[str, ...] = ()  # names of the other side's segments

    def figure(self, cell: str, segment: int) -> float | None:
        """A cell such as median_count_orders; None where it is not known of half of them."""
        return self.cells[segment].get(cell)

    def others(self, cell: str, segment: int) -> list[float]:
        """The known cells of the other segments."""
        cells = (self.figure(cell, other) for other in self.cells if other not in (ALL, segment))
        return [value for value in cells if value is not None]


@dataclass(frozen=True)
class Verdict:
    """What a text says of a segment, and whether it is so."""

    segment: int
    word: str
    statement: str
    holds: bool
    figures: Figures

    def __str__(self) -> str:
        known = ", ".join(f"{name} = {value}" for name, value in self.figures.items())
        return f"segment {self.segment}: “{self.word}” is {str(self.holds).lower()} ({self.statement}): {known}"


# Figures


def read_segments(lake: Path, entity: Entity) -> Segments:
    """The segments of a lake, as delta-rs reads its tables."""
    side, other = SIDE[entity], SIDE["sellers" if entity == "buyers" else "buyers"]
    elsewhere: list[str] = []
    if (lake / f"{other}_segments").exists():
        names = _table(lake, f"{other}_segments").column("segment_name").unique().to_pylist()
        elsewhere = [name for name in names if name]
    return _segments(_table(lake, f"{side}_features"), _table(lake, f"{side}_segments"), entity, tuple(elsewhere))


def from_frames(features: pd.DataFrame, segments: pd.DataFrame, entity: Entity) -> Segments:
    """The segments of two frames with the columns of the tables, or some of them."""
    tables = [pa.Table.from_pandas(frame, preserve_index=False) for frame in (features, segments)]
    return _segments(tables[0], tables[1], entity)


def read_texts(lake: Path, entity: Entity) -> dict[int, tuple[str, str, str]]:
    """Name, insight and recommendation of each segment with a sale."""
    rows = _table(lake, f"{SIDE[entity]}_profiles").to_pylist()
    return {
        row["segment"]: (row["segment_name"] or "", row["insight"] or "", row["recommendation"] or "")
        for row in sorted(rows, key=lambda row: row["segment"])
        if row["segment"] > 0
    }


def _table(lake: Path, name: str) -> pa.Table:
    return DeltaTable(str(lake / name)).to_pyarrow_table()


def _segments(features: pa.Table, segments: pa.Table, entity: Entity, elsewhere: tuple[str, ...] = ()) -> Segments:
    key = f"{SIDE[entity]}_id"
    with duckdb.connect() as db:
        db.register("features", features)
        db.register("segments", segments)
        members = f'features JOIN segments USING ("{key}") WHERE segments.segment > 0'
        found = db.execute(
            f"SELECT coalesce(segments.segment, {ALL}) AS segment, {', '.join(_cells(features.schema, members))} "
            f"FROM {members} GROUP BY GROUPING SETS ((segments.segment), ())"
        )
        columns = [column[0] for column in found.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        names: dict[int, str] = {}
        if "segment_name" in segments.schema.names:
            sql = "SELECT segment, any_value(segment_name) FROM segments WHERE segment > 0 GROUP BY segment"
            names = {segment: name or "" for segment, name in db.execute(sql).fetchall()}
    cells = {
        int(row["segment"]): {
            name: None if value is None else float(value) for name, value in row.items() if name != "segment"
        }
        for row in rows
    }
    for segment, found in cells.items():
        cells[segment] = found if segment == ALL else _of_half(found)
    return Segments(entity, names, cells, elsewhere)


def _of_half(cells: Figures) -> Figures:
    """The cells of a segment but for those of features that are known of fewer than half of it."""
    size = cells["size"] or 0.0
    few = [
        name.removeprefix("known_") for name, known in cells.items() if name[:6] == "known_" and 2 * (known or 0) < size
    ]
    return {name: None if name.partition("_")[2] in few and name[:6] != "known_" else v for name, v in cells.items()}


def _cells(schema: pa.Schema, members: str) -> Iterator[str]:
    """The SELECT's items; sums and means of decimals stay exact as long as DuckDB can."""
    yield "count(*) AS size"
    if "count_orders" in schema.names:
        timed = {"first_order_at", "last_order_at"} <= set(schema.names)
        again = "first_order_at < last_order_at" if timed else "count_orders >= 2"
        yield f"count_if({again}) / nullif(count_if(count_orders >= 1), 0) AS repeat_rate"
    if {"total_gmv", "count_orders"} <= set(schema.names):
        yield "CAST(sum(total_gmv) AS DOUBLE) / nullif(sum(count_orders), 0) AS order_value"
    if "total_gmv" in schema.names:
        whole = f"(SELECT CAST(sum(total_gmv) AS DOUBLE) FROM {members})"
        yield f"CAST(sum(total_gmv) AS DOUBLE) / nullif({whole}, 0) AS gmv_share"
    for column in schema:
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            yield f'count(features."{column.name}") AS "known_{column.name}"'
            yield f'median(CAST(features."{column.name}" AS DOUBLE)) AS "median_{column.name}"'
            yield f'avg(features."{column.name}") AS "mean_{column.name}"'
            for percent in (10, 90):
                value = f'CAST(features."{column.name}" AS DOUBLE)'
                yield f'quantile_cont({value}, {percent / 100}) AS "p{percent}_{column.name}"'


# Conditions

Condition = Callable[[Segments, int], Ruling]


def half(feature: str, sign: Literal[">=", "<=", "<"], bound: float) -> Condition:
    """Half of them are at a figure or beyond, or below it: their median is."""

    def rule(segments: Segments, segment: int) -> Ruling:
        value = segments.figure(f"median_{feature}", segment)
        if value is None:
            return False, {f"median_{feature}": value}
        holds = {">=": _at_least(value, bound), "<=": _at_least(bound, value), "<": not _at_least(value, bound)}[sign]
        return holds, {f"median_{feature}": value}

    return rule


def where_known(feature: str, condition: Condition) -> Condition:
    """A condition that falls away where fewer than half of the segment have the figure."""

    def rule(segments: Segments, segment: int) -> Ruling:
        holds, figures = condition(segments, segment)
        return holds or segments.figure(f"median_{feature}", segment) is None, figures

    return rule


def told_apart(feature: str, condition: Condition) -> Condition:
    """A condition that compares segments, of a feature in which nine in ten of the one with the highest mean have more
    than nine in ten of the one with the lowest.
    """

    def rule(segments: Segments, segment: int) -> Ruling:
        holds, figures = condition(segments, segment)
        means = {other: segments.figure(f"mean_{feature}", other) for other in sorted(segments.cells) if other != ALL}
        known = {other: mean for other, mean in means.items() if mean is not None}
        if len(known) < 2:
            return holds, figures
        least = segments.figure(f"p10_{feature}", max(known, key=known.__getitem__))
        most = segments.figure(f"p90_{feature}", min(known, key=known.__getitem__))
        tells = least is not None and most is not None and least > most
        return holds and tells, figures | {f"p10 of the highest {feature}": least, f"p90 of the lowest {feature}": most}

    return rule


def median_beyond_others(feature: str, sign: Literal[">", "<"]) -> Condition:
    """Their median is above (below) that of every other segment, of which there must be one."""

    def rule(segments: Segments, segment: int) -> Ruling:
        cell = f"median_{feature}"
        own, others = segments.figure(cell, segment), segments.others(cell, segment)
        extreme = (max if sign == ">" else min)(others, default=None)
        holds = own is not None and extreme is not None and (own > extreme if sign == ">" else own < extreme)
        return holds, {cell: own, f"{'highest' if sign == '>' else 'lowest'} other {cell}": extreme}

    return told_apart(feature, rule)


def median_far_from_others(feature: str, sign: Literal[">", "<"]) -> Condition:
    """Their median is at least 1.5 times the mean of the other segments' medians, or 1.5 times it at most that."""

    def rule(segments: Segments, segment: int) -> Ruling:
        cell = f"median_{feature}"
        own, others = segments.figure(cell, segment), segments.others(cell, segment)
        mean = fmean(others) if others else None
        holds = own is not None and mean is not None
        if own is not None and mean is not None:
            holds = _at_least(own, 1.5 * mean) if sign == ">" else _at_least(mean, 1.5 * own)
        return holds, {cell: own, f"mean of the others' {cell}": mean}

    return told_apart(feature, rule)


def mean_beside_all(feature: str, sign: Literal[">", "<"]) -> Condition:
    """Their mean is above (below) the mean of all with a sale."""

    def rule(segments: Segments, segment: int) -> Ruling:
        cell = f"mean_{feature}"
        own, whole = segments.figure(cell, segment), segments.figure(cell, ALL)
        holds = own is not None and whole is not None and (own > whole if sign == ">" else own < whole)
        return holds, {cell: own, f"{cell} of all": whole}

    return told_apart(feature, rule)


def no_other_mean(feature: str, sign: Literal[">", "<"]) -> Condition:
    """No other segment has a higher (lower) mean."""

    def rule(segments: Segments, segment: int) -> Ruling:
        cell = f"mean_{feature}"
        own, others = segments.figure(cell, segment), segments.others(cell, segment)
        extreme = (max if sign == ">" else min)(others, default=None)
        holds = own is not None and (extreme is None or (extreme <= own if sign == ">" else extreme >= own))
        return holds, {cell: own, f"{'highest' if sign == '>' else 'lowest'} other {cell}": extreme}

    return told_apart(feature, rule)


def between_others(feature: str) -> Condition:
    """Some other mean is at least 1.5 times theirs, and theirs at least 1.5 times some other's."""

    def rule(segments: Segments, segment: int) -> Ruling:
        cell = f"mean_{feature}"
        own, others = segments.figure(cell, segment), segments.others(cell, segment)
        highest, lowest = max(others, default=None), min(others, default=None)
        holds = False
        if own is not None and highest is not None and lowest is not None:
            holds = _at_least(highest, 1.5 * own) and _at_least(own, 1.5 * lowest)
        return holds, {cell: own, f"highest other {cell}": highest, f"lowest other {cell}": lowest}

    return told_apart(feature, rule)


def most_gmv(segments: Segments, segment: int) -> Ruling:
    """Half of all GMV or more is theirs."""
    share = segments.figure("gmv_share", segment)
    return share is not None and _at_least(share, 0.5), {"gmv_share": share}


def nine_in_ten_once(segments: Segments, segment: int) -> Ruling:
    """Of those with a sale a tenth or less have one at another time."""
    again = segments.figure("repeat_rate", segment)
    return again is not None and _at_least(0.1, again), {"repeat_rate": again}


def _at_least(value: float, bound: float) -> bool:
    return value >= bound - NEAR * abs(bound)


# Words


@dataclass(frozen=True)
class Claim:
    """A row of docs/words.md: `forms` are patterns of what a sentence makes of its words, `id` its Indonesian words."""

    words: tuple[str, ...]
    of: Literal["buyers", "sellers", "both"]
    statement: str
    when: tuple[Condition, ...]
    forms: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    # Where the word is part of such a phrase, other conditions hold.
    phrases: tuple[str, ...] = ()
    in_phrase: tuple[Condition, ...] = field(default=())

    def rule(self, segments: Segments, segment: int, in_phrase: bool) -> Ruling:
        """Whether all conditions hold, and their figures."""
        rulings = [condition(segments, segment) for condition in (self.in_phrase if in_phrase else self.when)]
        figures: Figures = {}
        for _, some in rulings:
            figures |= some
        return all(holds for holds, _ in rulings), figures


CLAIMS = (
    Claim(
        ("regular", "regulars"),
        "buyers",
        "half of them have four sales or more; half of them buy again within 45 days (rhythm_days, the median of days "
        "from sale to sale); half of them bought within the last 60 days",
        (half("count_orders", ">=", 4), half("rhythm_days", "<=", 45), half("recency_days", "<=", 60)),
        forms=("regularly",),
        id=("Pelanggan Tetap", "Klien Tetap"),
    ),
    Claim(
        ("frequent", "often", "often-booked", "highly engaged", "highly active", "high-volume", "established"),
        "both",
        "half of them have one sale a month or more since their first (orders_per_month)",
        (half("orders_per_month", ">=", 1),),
        forms=("frequently",),
        id=("sering", "Rutin", "Mapan", "Bervolume Tinggi"),
    ),
    Claim(
        ("infrequent", "seldom", "seldom-booked", "sporadic", "occasional", "occasionally", "low-volume"),
        "both",
        "half of them have fewer than one sale a month since their first",
        (half("orders_per_month", "<", 1),),
        forms=("infrequently", "sporadically"),
        id=("jarang", "Sporadis", "Sesekali", "Bervolume Rendah"),
    ),
    Claim(
        ("sporadic",),  # and so low-spending sporadic, each of whose words is judged
        "buyers",
        "besides: half of them bought last 31 days ago or earlier",
        (half("recency_days", ">=", 31),),
        forms=("sporadically",),
        id=("Sporadis",),
    ),
    Claim(
        ("active", "recently", "established"),
        "both",
        "half of them had a sale within the last 30 days",
        (half("recency_days", "<=", 30),),
        id=("aktif", "baru saja", "Mapan"),
    ),
    Claim(
        ("dormant", "lapsed", "idle", "less engaged over time"),
        "both",
        "half of them had their last sale 90 days ago or earlier; and, where half of them or more have a rhythm, half of "
        "these have been away for twice that or longer (lapse)",
        (half("recency_days", ">=", 90), where_known("lapse", half("lapse", ">=", 2))),
        id=("Pasif", "Nonaktif"),
    ),
    Claim(
        ("voucher-dependent", "voucher-led", "rely on vouchers", "depend on voucher campaigns", "use vouchers much"),
        "both",
        "half of them have a voucher in a quarter of their sales or more (voucher_rate), and that median is at least "
        "1.5 times the mean of the other segments' medians",
        (half("voucher_rate", ">=", 0.25), median_far_from_others("voucher_rate", ">")),
        forms=(r"(?:rely|depend)(?: heavily| strongly| much)? on (?:voucher campaigns|vouchers)",),
        id=("Bergantung Voucher", "bergantung pada voucher", "bergantung pada kampanye voucher"),
    ),
    Claim(
        ("voucher-light", "hardly use vouchers", "depend little on vouchers"),
        "both",
        "half of them have a voucher in 5 % of their sales or fewer",
        (half("voucher_rate", "<=", 0.05),),
        forms=(r"hardly use any vouchers", r"(?:rely|depend) little on (?:voucher campaigns|vouchers)"),
        id=("Minim Voucher",),
    ),
    Claim(
        (
            "large-order",
            "large orders",
            "large-basket",
            "large baskets",
            "large-booking",
            "large bookings",
            "high average order value",
        ),
        "both",
        "the median of their avg_order_value is above that of every other segment",
        (median_beyond_others("avg_order_value", ">"),),
        forms=("average order value is high", "orders are large", "baskets are large", "bookings are large"),
        id=("Berpesanan Besar", "Keranjang Besar", "Pemesanan Besar"),
    ),
    Claim(
        ("spend large amounts",),
        "buyers",
        "the median of their avg_order_value is at least 1.5 times the mean of the other segments' medians",
        (median_far_from_others("avg_order_value", ">"),),
        id=("berbelanja dalam jumlah besar",),
    ),
    Claim(
        (
            "small-order",
            "small orders",
            "small-basket",
            "small baskets",
            "small-booking",
            "small bookings",
            "low value",
        ),
        "both",
        "the median of their avg_order_value is below that of every other segment",
        (median_beyond_others("avg_order_value", "<"),),
        forms=(
            "average order value is low",
            "low average order value",
            "orders are small",
            "baskets are small",
            "bookings are small",
        ),
        id=("Berpesanan Kecil", "Keranjang Kecil", "Pemesanan Kecil"),
    ),
    Claim(
        ("high-spending", "high-sales", "spend much", "sell much"),
        "both",
        "the mean of their total_gmv is above the mean of all with a sale; where the word is no part of High-Spending "
        "Regulars, its median is at least 1.5 times the mean of the other segments' medians as well; and of "
        "High-Spending Regulars no other segment has a higher mean",
        (mean_beside_all("total_gmv", ">"), median_far_from_others("total_gmv", ">")),
        id=("Berbelanja Besar", "Bernilai Tinggi", "Beromzet Tinggi"),
        phrases=("high-spending regulars", "Pelanggan Tetap Berbelanja Besar", "Berbelanja Besar Pelanggan Tetap"),
        in_phrase=(mean_beside_all("total_gmv", ">"), no_other_mean("total_gmv", ">")),
    ),
    Claim(
        ("moderate-spending",),
        "buyers",
        "some other segment's mean total_gmv is at least 1.5 times theirs, and theirs at least 1.5 times some other's",
        (between_others("total_gmv"),),
        id=("Berbelanja Sedang", "Bernilai Sedang"),
    ),
    Claim(
        ("low-spending", "low-sales", "spend little", "sell little"),
        "both",
        "the mean of their total_gmv is below the mean of all with a sale; of Low-Spending Sporadic Buyers no other "
        "segment has a lower mean; where the word stands elsewhere, 1.5 times its median is at most the mean of the "
        "other segments' medians",
        (mean_beside_all("total_gmv", "<"), median_far_from_others("total_gmv", "<")),
        id=("Berbelanja Kecil", "Bernilai Rendah", "Beromzet Rendah"),
        phrases=("low-spending sporadic", "Sporadis Berbelanja Kecil", "Berbelanja Kecil Sporadis"),
        in_phrase=(mean_beside_all("total_gmv", "<"), no_other_mean("total_gmv", "<")),
    ),
    Claim(
        ("backbone of the marketplace", "backbone of the business"),
        "sellers",
        "half of all GMV or more is theirs",
        (most_gmv,),
        forms=("backbone",),
        id=("tulang punggung",),
    ),
    Claim(
        ("niche",),
        "sellers",
        "half of them have three buyers or fewer, and their mean of unique_buyers is below the mean of all",
        (half("unique_buyers", "<=", 3), mean_beside_all("unique_buyers", "<")),
        forms=("niches",),
        id=("Ceruk",),
    ),
    Claim(
        ("high-potential", "diverse buyer base", "many-buyer", "widely bought", "widely booked"),
        "sellers",
        "half of them have five buyers or more",
        (half("unique_buyers", ">=", 5),),
        id=("Potensial", "Berpembeli Banyak", "Berpelanggan Banyak"),
    ),
    Claim(
        ("few-buyer", "few-client"),
        "sellers",
        "half of them have three buyers or fewer",
        (half("unique_buyers", "<=", 3),),
        id=("Berpembeli Sedikit", "Berpelanggan Sedikit"),
    ),
    Claim(
        ("many-seller", "many-store", "many-provider"),
        "buyers",
        "half of them buy from five sellers or more",
        (half("unique_sellers", ">=", 5),),
        id=("Berpenjual Banyak", "Banyak Toko", "Berpenyedia Banyak"),
    ),
    Claim(
        ("few-seller", "few-store", "few-provider"),
        "buyers",
        "half of them buy from two sellers or fewer",
        (half("unique_sellers", "<=", 2),),
        id=("Berpenjual Sedikit", "Sedikit Toko", "Berpenyedia Sedikit"),
    ),
    Claim(
        ("wide-range", "buy or sell widely"),
        "both",
        "half of them have three categories or more",
        (half("unique_categories", ">=", 3),),
        forms=("buy widely", "sell widely"),
        id=("Beragam Kategori",),
    ),
    Claim(
        ("narrow-range",),
        "both",
        "half of them have two categories or fewer",
        (half("unique_categories", "<=", 2),),
        id=("Sedikit Kategori",),
    ),
    Claim(
        ("one-buyer-reliant", "one-customer-reliant", "one-client-reliant"),
        "sellers",
        "half of them make half of their GMV or more with their largest buyer",
        (half("top_buyer_share", ">=", 0.5),),
        id=("Bertumpu pada Satu Pembeli", "Bertumpu pada Satu Pelanggan", "Bertumpu pada Satu Klien"),
    ),
    Claim(
        ("cancellation-prone",),
        "both",
        "half of them see a tenth of their orders cancelled or more",
        (half("cancel_rate", ">=", 0.1),),
        id=("Rawan Batal",),
    ),
    Claim(
        ("return-prone", "refund-prone"),
        "both",
        "half of them see 5 % of their orders returned or more",
        (half("return_rate", ">=", 0.05),),
        id=("Rawan Retur", "Rawan Pengembalian Dana"),
    ),
    Claim(
        ("one-time", "bought once", "booked once"),
        "buyers",
        "nine in ten of them or more have sales at one time only, be they of one seller or several (repeat_rate is a "
        "tenth or less)",
        (nine_in_ten_once,),
        id=("Sekali Belanja", "Sekali Memesan", "berbelanja satu kali", "memesan satu kali"),
    ),
    Claim(
        ("busy",),
        "sellers",
        "half of them have thirty sales a month or more since their first (orders_per_month), and that median is at "
        "least 1.5 times the mean of the other segments' medians",
        (half("orders_per_month", ">=", 30), median_far_from_others("orders_per_month", ">")),
        id=("Ramai",),
    ),
    Claim(
        ("quiet",),
        "sellers",
        "half of them have three hundred sales a month or fewer since their first, and 1.5 times that median is at "
        "most the mean of the other segments' medians",
        (half("orders_per_month", "<=", 300), median_far_from_others("orders_per_month", "<")),
        id=("Sepi",),
    ),
    Claim(
        ("wide-reach",),
        "sellers",
        "half of them have thirty buyers or more, and that median is at least 1.5 times the mean of the other "
        "segments' medians",
        (half("unique_buyers", ">=", 30), median_far_from_others("unique_buyers", ">")),
        id=("Berjangkauan Luas",),
    ),
    Claim(
        ("narrow-reach",),
        "sellers",
        "half of them have three hundred buyers or fewer, and 1.5 times that median is at most the mean of the other "
        "segments' medians",
        (half("unique_buyers", "<=", 300), median_far_from_others("unique_buyers", "<")),
        id=("Berjangkauan Sempit",),
    ),
    Claim(
        ("high-completion",),
        "buyers",
        "half of them complete nine tenths of their sales or more (completion_rate), among the sales of which that is "
        "known",
        (half("completion_rate", ">=", 0.9),),
        id=("Penyelesaian Tinggi",),
    ),
    Claim(
        ("low-completion",),
        "buyers",
        "half of them complete half of their sales or fewer, among the sales of which that is known",
        (half("completion_rate", "<=", 0.5),),
        id=("Penyelesaian Rendah",),
    ),
    Claim(
        ("older",),
        "buyers",
        "the mean of their known ages is above (below) the mean of all known ages",
        (mean_beside_all("age", ">"),),
        id=("Lebih Tua",),
    ),
    Claim(
        ("younger",),
        "buyers",
        "the mean of their known ages is above (below) the mean of all known ages",
        (mean_beside_all("age", "<"),),
        id=("Lebih Muda",),
    ),
)
ORDER_VALUE = "GMV of the segment over its sales (order_value), never a mean of members' means"

# In a sentence these turn the word that follows into a comparison, a question or its contrary.
_TURNED = {
    "en": re.compile(r"\b(?:more|less|most|least|how|not|never|no longer)\s+$", re.IGNORECASE),
    "id": re.compile(r"\b(?:lebih|paling|seberapa|tidak|tak|belum|kurang|bukan)\s+$", re.IGNORECASE),
}
# Of a figure (“43 or older”), of orders (“older last orders”) and of the use of vouchers (“jarang memakai voucher”).
_NO_CLAIM = re.compile(
    r"\bor (?:older|younger)\b|\bolder (?:last )?(?:orders|sales|purchases|bookings)\b"
    r"|\bas (?:often|frequently|recently|regularly) as\b|\b(?:jarang|sering) (?:me\w+ )?(?:voucher|kupon)\b",
    re.IGNORECASE,
)


def judge(segments: Segments, segment: int, text: str, lang: str = "en") -> list[Verdict]:
    """Every claim of a name or an insight; a recommendation wishes, and is none for this."""
    if segment == ALL:
        return []
    verdicts: list[Verdict] = []
    if _is_sentence(text):
        open_text = _without_other_names(segments, segment, text)
    else:
        open_text, verdicts = _judge_comparisons(segments, segment, text, lang)
    open_text = _NO_CLAIM.sub(_blank, open_text)
    found = list(_claims_in(open_text, lang, is_sentence=_is_sentence(text)))
    for start, end, claims in found:
        word = text[start:end]
        applying = [claim for claim in claims if claim.of in ("both", segments.entity)]
        if not applying:
            of, statement = claims[0].of, claims[0].statement
            verdicts.append(Verdict(segment, word, f"said of {of} only: {statement}", False, {}))
        for claim in applying:
            in_phrase = any(_is_within(start, end, phrase, open_text) for phrase in claim.phrases)
            holds, figures = claim.rule(segments, segment, in_phrase)
            verdicts.append(Verdict(segment, word, claim.statement, holds, figures))
    return _distinct(verdicts)


def judge_profile(
    segments: Segments, segment: int, name: str, insight: str, recommendation: str, lang: str = "en"
) -> list[Verdict]:
    """All that a segment's texts claim: words of name and insight, figures of insight and recommendation."""
    return [
        *judge(segments, segment, name, lang),
        *judge(segments, segment, insight, lang),
        *judge_figures(segments, segment, insight, lang),
        *judge_figures(segments, segment, recommendation, lang),
    ]


def judge_lake(lake: Path, entity: Entity, lang: str = "en") -> list[Verdict]:
    """All that the profiles of a lake claim of its segments."""
    segments = read_segments(lake, entity)
    return [
        verdict
        for segment, texts in read_texts(lake, entity).items()
        for verdict in judge_profile(segments, segment, *texts, lang)
    ]


def _claims_in(text: str, lang: str, is_sentence: bool) -> Iterator[tuple[int, int, list[Claim]]]:
    """Where the text has which claims, longer words before those that they contain."""
    taken: list[tuple[int, int, list[Claim]]] = []
    for pattern, claims in _patterns(lang):
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other_end and other_start < end for other_start, other_end, _ in taken):
                continue
            taken.append((start, end, claims))
    for start, end, claims in sorted(taken, key=lambda found: found[0]):
        if is_sentence and _TURNED[lang].search(text[:start]):
            continue
        if lang == "id" and text[:start].lower().endswith("lebih "):  # “Lebih Sedikit Kategori” compares
            continue
        yield start, end, claims


def _patterns(lang: str) -> list[tuple[re.Pattern[str], list[Claim]]]:
    by_word: dict[str, list[Claim]] = {}
    for claim in CLAIMS:
        if lang == "en":
            words = [*(re.escape(word) for word in claim.words), *claim.forms]
        else:  # a field of the language's name: a language that no claim has words of is an error
            words = [re.escape(word.lower()) for word in getattr(claim, lang)]
        for word in words:
            by_word.setdefault(word, []).append(claim)
    longest_first = sorted(by_word, key=len, reverse=True)
    return [(_whole(word), by_word[word]) for word in longest_first]


def _whole(word: str) -> re.Pattern[str]:
    """A pattern as whole words, whether they are joined by hyphens or spaces."""
    joined = re.sub(r"\\-|\\ ", r"[-\\s]", word)
    return re.compile(rf"(?<![\w-]){joined}(?!\w)", re.IGNORECASE)


def _is_within(start: int, end: int, phrase: str, text: str) -> bool:
    return any(
        found.start() <= start and end <= found.end() for found in _whole(re.escape(phrase.lower())).finditer(text)
    )


def _is_sentence(text: str) -> bool:
    return ":" in text or text.rstrip().endswith((".", "!", "?"))


def _without_other_names(segments: Segments, segment: int, text: str) -> str:
    """A sentence that names other segments claims nothing by their names."""
    own = segments.names.get(segment, "")
    others = [name for other, name in segments.names.items() if other != segment] + list(segments.elsewhere)
    for name in sorted({name for name in others if name and name not in own}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _blank, text)
    return text


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match.group())  # what is around keeps its place


def _distinct(verdicts: list[Verdict]) -> list[Verdict]:
    return list({(said.word.lower(), said.statement, *said.figures): said for said in verdicts}.values())


# Comparisons of segments of one stem

_COMPARATIVE = re.compile(r"(More Recent|More|Fewer|Larger|Smaller|Higher|Lower|Older|Longer|Shorter)\s+(.+)", re.I)
_WITH = {"en": "with", "id": "dengan"}
_COMPARED = {
    **{("more", noun): ("count_orders", ">") for noun in ("orders", "purchases", "transactions", "bookings")},
    **{("fewer", noun): ("count_orders", "<") for noun in ("orders", "purchases", "transactions", "bookings")},
    **{("larger", noun): ("avg_order_value", ">") for noun in ("orders", "baskets", "bookings")},
    **{("smaller", noun): ("avg_order_value", "<") for noun in ("orders", "baskets", "bookings")},
    **{("higher", noun): ("total_gmv", ">") for noun in ("spending", "sales")},
    **{("lower", noun): ("total_gmv", "<") for noun in ("spending", "sales")},
    **{("older", f"last {noun}"): ("recency_days", ">") for noun in ("orders", "sales", "purchases", "bookings")},
    **{("more recent", noun): ("recency_days", "<") for noun in ("orders", "sales", "purchases", "bookings")},
    **{
        (word, noun): (feature, sign)
        for word, sign in (("more", ">"), ("fewer", "<"))
        for noun, feature in (
            ("vouchers", "vouchers"),
            ("categories", "unique_categories"),
            *((noun, "unique_sellers") for noun in ("sellers", "stores", "providers")),
            *((noun, "unique_buyers") for noun in ("buyers", "customers", "clients")),
            ("cancellations", "cancel_rate"),
            ("returns", "return_rate"),
            ("refunds", "return_rate"),
            ("completed bookings", "completion_rate"),
        )
    },
}


def _judge_comparisons(segments: Segments, segment: int, name: str, lang: str) -> tuple[str, list[Verdict]]:
    """The name without what it compares after “with”, and the verdicts on that."""
    joint = re.search(rf"\s{_WITH[lang]}\s", name, re.IGNORECASE)
    if not joint:
        return name, []
    stem, verdicts, open_text = name[: joint.start()], [], name
    for item in re.finditer(r"(?:(?!,| and | dan )[^,])+", name[joint.end() :]):
        said = re.sub(r"^(?:and|dan)\s+", "", item.group().strip())
        found = _COMPARATIVE.fullmatch(said)
        if lang == "id" and re.search(r"\b(?:lebih|kurang)\b", said, re.IGNORECASE):
            open_text = open_text.replace(said, "\0" * len(said))  # no Indonesian comparison is known
        elif lang == "en" and found:
            open_text = open_text.replace(said, "\0" * len(said))
            verdicts.append(_judge_comparison(segments, segment, stem, said, found[1].lower(), found[2].lower()))
    return open_text, verdicts


def _judge_comparison(segments: Segments, segment: int, stem: str, said: str, word: str, noun: str) -> Verdict:
    compared = _COMPARED.get((word, noun))
    if compared is None:
        return Verdict(segment, said, "a comparison that nobody has defined", False, {})
    feature, sign = compared
    if feature == "vouchers":
        feature = "voucher_value" if segments.entity == "buyers" else "total_vouchers"
    cell, towards = f"mean_{feature}", "lower" if sign == ">" else "higher"
    own = segments.figure(cell, segment)
    alike = {
        other: segments.figure(cell, other)
        for other, name in segments.names.items()
        if other != segment and re.match(rf"{re.escape(stem)}(?!\w)", name, re.IGNORECASE)
    }
    holds = any(
        own is not None and value is not None and (value < own if sign == ">" else value > own)
        for value in alike.values()
    )
    statement = f"some other segment whose name begins with {stem} has a {towards} {cell}"
    return Verdict(segment, said, statement, holds, {cell: own} | {f"{cell} of {k}": v for k, v in alike.items()})


# Figures in sentences

_SCALE = {"": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_NUMBER = (
    r"(?:(?P<currency>(?:\b(?:[A-Z]{1,3}[$€£¥₹]|Rp|(?!GMV)[A-Z]{3})|[$€£¥₹])\s?)|(?<![\w.,]))"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<scale>[KMBT])\b)?(?P<percent>\s?%)?(?![\d])"
)
_HALF = re.compile(r"\bhalf of (?:them|these|those|the buyers|the sellers)\b", re.IGNORECASE)
_OR = (
    r",?\s*\bor (?:more recently|more|less|fewer|earlier|later|longer|shorter|sooner|older|younger|higher"
    r"|lower|larger|smaller|above|below|over|under|beyond)\b"
)
_BOUND = re.compile(rf"{_NUMBER}(?P<unit>[^\d.;:]*?){_OR}")
_WITHIN = re.compile(rf"\b(?:within|in the last)(?: the)?(?: last| past)? {_NUMBER}\s+days?\b")
_ORDER_IS_WORTH = re.compile(
    rf"\b(?:[Aa]n order|[Aa] basket|[Aa] booking)(?: of theirs)? (?:is|was) (?:on average )?worth {_NUMBER}"
)
_AN_ORDER = re.compile(rf"{_NUMBER}(?: (?:for|on|in))? (?:an?|per|each|every) (?:order|basket|booking)\b")
_FOR = re.compile(r"\s*(?:for|of|by|with|in|among)?\s*")
_DAYS_BETWEEN = re.compile(
    r"\bpause\b|\bagain\b|\bevery\b|\bapart\b|\bnext\b|\bbetween\b|\brhythm\b|sale to sale", re.I
)


def judge_figures(segments: Segments, segment: int, text: str, lang: str = "en") -> list[Verdict]:
    """Every median that a sentence gives of half of them, and what it says that an order is worth."""
    if segment == ALL or lang != "en":
        return []
    verdicts: list[Verdict] = []
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        for verdict, start, end in list(_judge_medians(segments, segment, sentence)):
            verdicts.append(verdict)
            # “X an order or more” is a median, and no order's worth.
            sentence = sentence[:start] + "\0" * (end - start) + sentence[end:]
        for pattern in (_ORDER_IS_WORTH, _AN_ORDER):
            for match in pattern.finditer(sentence):
                value = segments.figure("order_value", segment)
                holds = _is_shown(match, value)
                verdicts.append(Verdict(segment, match.group(), ORDER_VALUE, holds, {"order_value": value}))
    return _distinct(verdicts)


def _judge_medians(segments: Segments, segment: int, sentence: str) -> Iterator[tuple[Verdict, int, int]]:
    """The medians of half of them, each with the place of what it says."""
    halves = list(_HALF.finditer(sentence))
    for half_of_them, following in zip_longest(halves, halves[1:]):
        start, end = half_of_them.start(), following.start() if following else len(sentence)
        bounds = [match for pattern in (_BOUND, _WITHIN) for match in pattern.finditer(sentence, start, end)]
        ahead = [
            match for match in _BOUND.finditer(sentence, 0, start) if _FOR.fullmatch(sentence[match.end() : start])
        ]
        if ahead:  # “X or more for half of them”
            yield _judge_median(segments, segment, sentence, 0, ahead[0], ahead[0].end(), ahead[0]["unit"])
        elif not bounds and re.search(_NUMBER, sentence[start:end]):
            statement = "half of them are at a figure, without “or more” or the like"
            yield Verdict(segment, sentence[start:end].rstrip(" ."), statement, False, {}), start, end
        # All numbers up to the last bound are medians: “12 orders and 3 sellers or more”.
        last = max((match.end() for match in bounds), default=start)
        numbers, since = list(re.finditer(_NUMBER, sentence[:last])), start
        for number, next_number in zip_longest(numbers, numbers[1:]):
            if number.start() < start:
                continue
            rest = sentence[number.end() : next_number.start() if next_number else last]
            unit = re.split(rf"{_OR}|[.;:]| and ", rest)[0]
            bound = re.match(_OR, rest[len(unit) :])
            stop = number.end() + len(unit) + (bound.end() if bound else 0)
            yield _judge_median(segments, segment, sentence, since, number, stop, unit)
            since = stop


def _judge_median(
    segments: Segments, segment: int, sentence: str, since: int, number: re.Match[str], end: int, unit: str
) -> tuple[Verdict, int, int]:
    """The verdict on one number, which `since` has the words before and `end` the end of what it says."""
    said, after = sentence[since:end].strip(" ,;"), re.split(r"[,.;:]| and ", sentence[end:])[0]
    tail = sentence[number.end() + len(unit) : end] + after
    feature = _feature(segments.entity, number, sentence[:since], sentence[since : number.start()], unit, tail)
    if feature is None:
        return Verdict(segment, said, "a median of no feature that is known", False, {}), number.start(), end
    value = segments.figure(f"median_{feature}", segment)
    statement = f"the median of their {feature}, to the rounding shown"
    holds = _is_shown(number, value)
    return Verdict(segment, said, statement, holds, {f"median_{feature}": value}), number.start(), end


def _feature(entity: Entity, number: re.Match[str], earlier: str, before: str, unit: str, after: str) -> str | None:
    """The feature that a median is of, by its unit, else by what stands around it, else by what the sentence is about."""
    around = f"{before} {unit} {after}"
    if number["percent"]:
        return _rate(around, around) or _rate(earlier, around)
    if number["currency"] or number["scale"]:
        return _money(entity, around) or _money(entity, earlier) or "total_gmv"
    if re.search(r"\bdays?\b", unit):
        return "rhythm_days" if _DAYS_BETWEEN.search(around) else "recency_days"
    if re.search(r"\btimes\b(?! a month)", unit) or before.rstrip().endswith("×"):
        return "lapse" if re.search(r"\baway\b|\brhythm\b|\bpause\b|\bthat\b", around) else "count_orders"
    return _count(unit) or _count(before) or _count(after)


def _rate(topic: str, around: str) -> str | None:
    if re.search("voucher", topic, re.IGNORECASE):
        is_of_money = re.search(r"\b(?:GMV|spend|spending|money|value)\b", around, re.IGNORECASE)
        return "voucher_share" if is_of_money else "voucher_rate"
    for pattern, feature in (
        (r"cancel", "cancel_rate"),
        (r"\breturn|\brefund", "return_rate"),
        (r"(?:largest|biggest|top|one|single) (?:buyer|customer|client)", "top_buyer_share"),
        (r"used up|complet|fulfil", "completion_rate"),
    ):
        if re.search(pattern, topic, re.IGNORECASE):
            return feature
    return None


def _money(entity: Entity, topic: str) -> str | None:
    for pattern, feature in (
        (r"voucher", "voucher_value" if entity == "buyers" else "total_vouchers"),
        (r"revenue|platform", "total_revenue"),
        (r"\border|\bbasket|\bbooking", "avg_order_value"),
        (r"\b(?:spend|spent|sell|sold|GMV)\b", "total_gmv"),
    ):
        if re.search(pattern, topic, re.IGNORECASE):
            return feature
    return None


def _count(words: str) -> str | None:
    for pattern, feature in (
        (r"\bmonth", "orders_per_month"),
        (r"voucher", "voucher_orders"),
        (r"categor", "unique_categories"),
        (r"\b(?:sellers?|stores?|providers?)\b", "unique_sellers"),
        (r"\b(?:buyers?|customers?|clients?)\b", "unique_buyers"),
        (r"\b(?:orders?|sales?|purchases?|transactions?|bookings?)\b", "count_orders"),
        (r"\byears?\b|\baged?\b|\bolder\b|\byounger\b", "age"),
    ):
        if re.search(pattern, words, re.IGNORECASE):
            return feature
    return None


def _is_shown(match: re.Match[str], value: float | None) -> bool:
    """Whether a value, rounded as the text rounds, is what the text shows."""
    if value is None:
        return False
    digits = match["digits"].replace(",", "")
    unit = 0.01 if match["percent"] else _SCALE[match["scale"] or ""]
    step = 10.0 ** -len(digits.partition(".")[2]) * unit
    return abs(float(digits) * unit - value) <= step / 2 + NEAR * abs(value)
