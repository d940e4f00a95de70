"""The one declaration of every table in the lake: its grain, key, columns, types and comments.

tables.py casts to it on every write and checks the columns on every read. Money is DECIMAL(18,2) in orders and
DECIMAL(28,2) in sums, as sum(decimal(18,2)) is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

MONEY = "decimal(18,2)"
SUM = "decimal(28,2)"
SQUARES = "decimal(38,4)"

STATUSES = ("completed", "in_progress", "unpaid", "cancelled", "returned")


Row = Mapping[str, Any]  # of a small table that the driver holds: cells by name of the column


@dataclass(frozen=True)
class Column:
    """One column: its name, its Spark SQL type and what it means."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """One table: what a row stands for, what identifies it, and its columns in order."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    accumulates: bool = field(default=False)
    in_parts: bool = field(default=False)  # a run writes some of its rows anew, and leaves the others
    # Columns that an earlier release did not have, of the key or of a table that each run makes anew: unknown there.
    later: tuple[str, ...] = field(default=())
    sorted_by: str | None = field(default=None)

    @property
    def evolves(self) -> bool:
        """Whether its rows outlive the release that wrote them: all but tables that each run makes anew."""
        return self.accumulates or self.in_parts or "batch_id" in self.names

    @property
    def written_by(self) -> str | None:
        """The column that names the run that wrote a row last; None where rows are written anew, all or a part."""
        if self.in_parts or not self.evolves:
            return None
        return next((name for name in ("run_id", "batch_id") if name in self.names), None)

    @property
    def names(self) -> list[str]:
        """Column names in declared order."""
        return [column.name for column in self.columns]

    def with_columns(self, extra: Sequence[Column], before: str | None = None) -> Table:
        """The same table with more columns, placed before the named one (at the end by default)."""
        at = self.names.index(before) if before else len(self.columns)
        return replace(self, columns=(*self.columns[:at], *extra, *self.columns[at:]))


def _table(
    name: str,
    grain: str,
    key: str,
    columns: str,
    accumulates: bool = False,
    sorted_by: str | None = None,
    in_parts: bool = False,
    later: str = "",
) -> Table:
    """Read a table from lines of `name | type | comment`."""
    cells = [[cell.strip() for cell in line.split("|", 2)] for line in columns.strip().splitlines()]
    declared = tuple(Column(*cell) for cell in cells)
    return Table(name, grain, tuple(key.split()), declared, accumulates, in_parts, tuple(later.split()), sorted_by)


ORDERS = _table(
    "orders",
    "one row per order and seller",
    "order_id seller_id",
    f"""
    order_id         | string    | the marketplace's order
    seller_id        | string    | who sold
    buyer_id         | string    | who bought
    ordered_at       | timestamp | when the order was placed
    status           | string    | completed, in_progress, unpaid, cancelled or returned
    fulfilled        | boolean   | whether what was bought was used up; NULL where unknown
    seller_category  | string    | the seller's size class
    payment_type     | string    | prepaid, postpaid, …
    payment_method   | string    | bank, card, …
    voucher_code     | string    | the voucher used
    voucher_value    | {MONEY}   | the voucher's value
    product_type     | string    | goods, services, …
    shipping_fee     | {MONEY}   | what shipping cost
    gmv              | {MONEY}   | gross merchandise value
    revenue          | {MONEY}   | what the platform earned; NULL where not published
    batch_id         | string    | the batch that brought the row, or changed it last
""",
    sorted_by="ordered_at",
)

ORDER_LINES = _table(
    "order_lines",
    "one row per line of an order and seller",
    "order_id seller_id line_no",
    f"""
    order_id      | string        | the marketplace's order
    seller_id     | string        | who sold
    line_no       | int           | the source's own number, else assigned by content
    product_name  | string        | the product as ordered
    category      | string        | main category
    subcategory_1 | string        | first subcategory
    subcategory_2 | string        | second subcategory
    quantity      | decimal(18,3) | how many units
    unit          | string        | pcs, pack, …
    unit_price    | {MONEY}       | price of one unit
    subtotal      | {MONEY}       | the line's value before tax
    tax           | {MONEY}       | tax on the line
    batch_id      | string        | the batch that brought the row
""",
    sorted_by="order_id",
)

USERS = _table(
    "users",
    "one row per user and role",
    "user_id role",
    """
    user_id  | string | the buyer or seller
    role     | string | buyer or seller
    province | string | province; NULL where unknown
    city     | string | city; NULL where unknown
    district | string | district; NULL where unknown
    age      | int    | age in years; NULL where unknown
    batch_id | string | the batch that brought the row
""",
)

PRODUCTS = _table(
    "products",
    "one row per product",
    "product_id",
    f"""
    product_id    | string  | the product
    seller_id     | string  | who sells it; NULL where several do
    product_name  | string  | name
    category      | string  | main category
    subcategory_1 | string  | first subcategory
    subcategory_2 | string  | second subcategory
    unit          | string  | pcs, pack, …
    unit_price    | {MONEY} | price of one unit
    batch_id      | string  | the batch that brought the row
""",
)

QUARANTINE = _table(
    "quarantine",
    "one row per refused row",
    "table_name record source_file batch_id",
    """
    table_name     | string        | the table that the row was meant for
    reasons        | array<string> | every rule that refused it
    record         | string        | the raw row as JSON
    source_file    | string        | the file it came in
    batch_id       | string        | the batch it came in
    quarantined_at | timestamp     | when the run began that refused it, as its id says
    fingerprint    | bigint        | the same for rows that are equal in full
""",
    accumulates=True,
)

LEDGER = _table(
    "ledger",
    "one row per run and table",
    "run_id table_name",
    f"""
    run_id           | string | the run
    table_name       | string | the table, or the raw file where it feeds tables only through joins
    rows_read        | bigint | rows that came in
    rows_accepted    | bigint | of these, rows in the table
    rows_quarantined | bigint | of these, rows refused
    rows_duplicate   | bigint | of these, rows that were there already, or outranked by a later version
    rows_released    | bigint | besides, rows of earlier batches that came into the table only now
    rows_outranked   | bigint | besides, rows of earlier batches that left the table
    gmv_read         | {SUM}  | GMV that came in; NULL outside orders
    gmv_accepted     | {SUM}  | of this, accepted
    gmv_quarantined  | {SUM}  | of this, refused
    gmv_duplicate    | {SUM}  | of this, in duplicates
    gmv_released     | {SUM}  | besides, of earlier batches, that came in only now
    gmv_outranked    | {SUM}  | besides, of earlier batches, that left
""",
    accumulates=True,
)

WARNINGS = _table(
    "warnings",
    "one row per run, table and warning",
    "run_id table_name warning",
    f"""
    run_id     | string | the run
    table_name | string | the table
    warning    | string | the rule that accepted rows of the run's batch break
    rows       | bigint | how many; of identical rows the repeats, without the first of each
    gmv        | {SUM} | subtotals (orders: GMV) of identical_rows, undeclared_columns, incomplete_orders; else NULL
""",
    accumulates=True,
)

FILES = _table(
    "files",
    "one row per file or table version that was taken in",
    "raw_name file content",
    """
    raw_name    | string    | the source's name for such files
    file        | string    | where it was
    size        | bigint    | bytes; -1 for a table
    modified_at | timestamp | when it was last written; NULL for a table
    content     | string    | what it holds: a digest of its lines, or the version of a Delta table
    batch_id    | string    | the batch that took it in
""",
    accumulates=True,
)

RELEASED = _table(
    "released",
    "one row per row that left the quarantine",
    "table_name record batch_id run_id",
    """
    table_name  | string        | the table that the row was meant for
    reasons     | array<string> | why it had been refused
    record      | string        | the raw row as JSON
    source_file | string        | the file it came in
    batch_id    | string        | the batch it came in
    why         | string        | accepted (its order came), corrected or outranked (by a row of the same key)
    run_id      | string        | the run that released it
    fingerprint | bigint        | the same for rows that are equal in full
""",
    accumulates=True,
)

RAW_ROWS = _table(
    "raw_rows",
    "one row per raw row, of sources that join raw tables",
    "raw_name record",
    """
    raw_name    | string | the source's name for such files
    record      | string | the raw row as JSON
    source_file | string | the file it came in
    batch_id    | string | the batch it came in
    fingerprint | bigint | the same for rows that are equal in full
""",
    accumulates=True,
)

UNDO_LOG = _table(
    "undo_log",
    "one row per table that a run writes, and per row that it replaces or removes there",
    "run_id table_name record",
    """
    run_id     | string  | the run
    table_name | string  | the table
    record     | string  | the row as it was, as JSON; NULL in the row that names a table before anything is written
    removed    | boolean | whether the run removes the row; NULL where record is
""",
    accumulates=True,
)

UPKEEP = _table(
    "upkeep",
    "one row per upkeep and table",
    "run_id table_name",
    """
    run_id       | string    | the run that did it
    table_name   | string    | the table
    files_before | bigint    | files of its latest version before
    files_after  | bigint    | files of its latest version after
    bytes_before | bigint    | their size before
    bytes_after  | bigint    | their size after
    done_at      | timestamp | when it was done
""",
    accumulates=True,
)

LOCK = _table(
    "lake_lock",
    "one row: the lake",
    "name",
    """
    name    | string    | lake
    holder  | string    | the run that holds it; NULL where none does
    beat_at | timestamp | when the holder was last alive
""",
)

_RHYTHM = """\
    orders_per_month | double    | count_orders / months from the first sale to as_of, at least one; NULL without
    rhythm_days      | double    | median of the days between an order and the next; NULL below three orders
    lapse            | double    | recency_days / rhythm_days; NULL where that is unknown or 0"""

BUYER_FEATURES = _table(
    "buyer_features",
    "one row per buyer with an accepted order; of a source without orders one per buyer",
    "buyer_id",
    f"""
    buyer_id         | string    | the buyer
    count_orders     | bigint    | sales (rows of orders)
    total_gmv        | {SUM}     | GMV of sales
    total_revenue    | {SUM}     | platform revenue of sales; NULL where not published
    avg_order_value  | {SUM}     | total_gmv / count_orders, half up; NULL without a sale
    unique_categories | bigint   | distinct categories bought; NULL where no sale's is known
    unique_sellers   | bigint    | distinct sellers bought from; NULL where no sale's is known
    voucher_value    | {SUM}     | vouchers used, in money
    voucher_orders   | bigint    | sales with a voucher
    voucher_rate     | double    | voucher_orders / count_orders; NULL without a sale
    voucher_share    | double    | voucher_value / total_gmv; NULL without GMV
{_RHYTHM}
    cancel_rate      | double    | cancelled orders / all accepted orders
    return_rate      | double    | returned orders / all accepted orders
    completion_rate  | double    | sales that were used up / sales of which that is known; NULL where of none
    first_order_at   | timestamp | first sale
    last_order_at    | timestamp | last sale
    recency_days     | int       | whole days from the day of the last sale to as_of
    top_category     | string    | category with the most GMV
    top_product_type | string    | product type with the most GMV
    province         | string    | the buyer's province
    city             | string    | the buyer's city
    age              | int       | the buyer's age
    as_of            | date      | the day the features speak of
""",
)

SELLER_FEATURES = _table(
    "seller_features",
    "one row per seller with an accepted order",
    "seller_id",
    f"""
    seller_id        | string    | the seller
    count_orders     | bigint    | sales (rows of orders): orders fulfilled
    total_gmv        | {SUM}     | GMV of sales
    total_revenue    | {SUM}     | platform revenue of sales; NULL where not published
    avg_order_value  | {SUM}     | total_gmv / count_orders, half up; NULL without a sale
    unique_buyers    | bigint    | distinct buyers served
    top_buyer_share  | double    | share of GMV from the largest buyer; NULL without GMV
    unique_categories | bigint   | distinct categories sold; NULL where no sale's is known
    total_vouchers   | {SUM}     | vouchers used, in money
    voucher_orders   | bigint    | sales with a voucher
    voucher_rate     | double    | voucher_orders / count_orders; NULL without a sale
    voucher_share    | double    | total_vouchers / total_gmv; NULL without GMV
{_RHYTHM}
    cancel_rate      | double    | cancelled orders / all accepted orders
    return_rate      | double    | returned orders / all accepted orders
    first_order_at   | timestamp | first sale
    last_order_at    | timestamp | last sale
    recency_days     | int       | whole days from the day of the last sale to as_of
    seller_category  | string    | the seller's size class, of the latest accepted order that has one
    top_category     | string    | category with the most GMV
    province         | string    | the seller's province
    city             | string    | the seller's city
    as_of            | date      | the day the features speak of
""",
)

_SEGMENTS = """
    segment      | int    | 1 … k, 1 worth most: by mean total_gmv, else the source's value, else size; 0 without a sale
    segment_name | string | the segment's name
    confidence   | double | 0 (on the border) … 1; NULL where there is one segment
    runner_up    | int    | the next nearest segment; NULL where there is one segment
    run_id       | string | the run
    as_of        | date   | the day the segments speak of
    previous_segment | int | the segment at the last run of an earlier day, by today's numbers; NULL where none tells
    previous_since | date | the day since which it had been there; NULL likewise
    segment_since | date  | the day since which it is in its segment without a break, so far as runs tell
"""
_NOT_TOLD_BEFORE = "previous_segment previous_since segment_since"
BUYER_SEGMENTS = _table(
    "buyer_segments",
    "one row per buyer",
    "buyer_id",
    "buyer_id | string | the buyer" + _SEGMENTS,
    later=_NOT_TOLD_BEFORE,
)
SELLER_SEGMENTS = _table(
    "seller_segments",
    "one row per seller",
    "seller_id",
    "seller_id | string | the seller" + _SEGMENTS,
    later=_NOT_TOLD_BEFORE,
)


def _history(segments: Table, features: Table) -> Table:
    """Where everybody was on a day, and all that was known of them on it."""
    side, id = segments.grain.removeprefix("one row per "), segments.key[0]
    model = Column("fitted_by", "string", "the run that searched for the model that says so")
    known = [column for column in features.columns if column.name not in segments.names]
    columns = (*segments.columns, model, *known)
    return Table(f"{side}_history", f"one row per {side} and snapshot", (id, "as_of"), columns, in_parts=True)


BUYER_HISTORY = _history(BUYER_SEGMENTS, BUYER_FEATURES)
SELLER_HISTORY = _history(SELLER_SEGMENTS, SELLER_FEATURES)

_MOVERS = f"""
    id           | string | the one who moved
    as_of_from   | date   | the day of the earlier snapshot
    as_of_to     | date   | the day of the next one
    segment_from | int    | 0 … k on the earlier day, as that day's model numbers them; NULL: new
    segment_to   | int    | 0 … k on the later day, as that day's model numbers them; NULL: gone
    cause        | string | behaviour, recency, border, correction or refit
    feature      | string | what took them over the border; NULL where that is not told
    from_value   | double | the feature on the earlier day, in its own units; NULL of a text
    to_value     | double | the feature on the later day
    boundary     | double | the value at which the border lies; NULL where only several features together crossed it
    gmv_from     | {SUM}  | total_gmv on the earlier day; NULL: new
    gmv_to       | {SUM}  | total_gmv on the later day; NULL: gone
    run_id       | string | the run
"""
BUYER_MOVERS = _table(
    "buyer_movers",
    "one row per buyer and pair of consecutive snapshots between which the segment, or its number, changed",
    "id as_of_from as_of_to",
    _MOVERS,
    in_parts=True,
)
SELLER_MOVERS = _table(
    "seller_movers",
    "one row per seller and pair of consecutive snapshots between which the segment, or its number, changed",
    "id as_of_from as_of_to",
    _MOVERS,
    in_parts=True,
)

_MIGRATIONS = f"""
    as_of_from   | date   | the day of the earlier snapshot
    as_of_to     | date   | the day of the next one
    segment_from | int    | 0 … k on the earlier day, as that day's model numbers them; NULL: new
    segment_to   | int    | 0 … k on the later day, as that day's model numbers them; NULL: gone
    cause        | string | behaviour, recency, border, correction or refit; NULL: stayed
    entities     | bigint | how many
    gmv_from     | {SUM}  | their total_gmv on the earlier day
    gmv_to       | {SUM}  | their total_gmv on the later day
    name_from    | string | the segment's name on the earlier day
    name_to      | string | the segment's name on the later day
    run_id       | string | the run
"""
_OF_MIGRATIONS = "as_of_from as_of_to segment_from segment_to cause"
BUYER_MIGRATIONS = _table(
    "buyer_migrations",
    "one row per pair of consecutive snapshots, segments of buyers on either, and cause",
    _OF_MIGRATIONS,
    _MIGRATIONS,
    in_parts=True,
)
SELLER_MIGRATIONS = _table(
    "seller_migrations",
    "one row per pair of consecutive snapshots, segments of sellers on either, and cause",
    _OF_MIGRATIONS,
    _MIGRATIONS,
    in_parts=True,
)

COHORTS = _table(
    "cohorts",
    "one row per entity, month of the first sale, and month in which any of those sold again",
    "entity cohort month",
    f"""
    entity          | string | buyers or sellers
    cohort          | string | YYYY-MM of the first sale
    month           | string | YYYY-MM
    months_since    | int    | months from the cohort's to this one: 0, 1, …
    size            | bigint | who had the first sale in the cohort's month
    active_entities | bigint | of these, those with a sale in the month
    retention_rate  | double | active_entities / size
    orders          | bigint | their sales in the month
    gmv             | {SUM}  | GMV of these
    as_of           | date   | the day up to which orders count
    run_id          | string | the run
""",
    in_parts=True,
)

KPIS = _table(
    "kpis",
    "one row per entity, segment and month; and where a source has price tiers, one for each tier",
    "entity segment month tier",
    f"""
    entity               | string | buyers or sellers
    segment              | int    | by the month's snapshot; NULL: everybody
    segment_name         | string | the segment's name; NULL: everybody
    month                | string | YYYY-MM, its days up to as_of
    tier                 | string | the price tier that the row speaks of; NULL: all orders
    new_entities         | bigint | of whom the first sale ever lies in the month
    active_entities      | bigint | with a sale in the month
    current_entities     | bigint | active in the month and in the one before
    resurrected_entities | bigint | active in the month and before, but not in the month before
    dormant_entities     | bigint | with a sale before, and none in the month
    lapsed_entities      | bigint | of the dormant, those who were active in the month before
    orders               | bigint | sales of the month
    gmv                  | {SUM}  | GMV of these
    revenue              | {SUM}  | platform revenue of these; NULL where not published
    arpu                 | {SUM}  | revenue / active_entities, half up; NULL where either is unknown or nobody is active
    repeat_rate          | double | of the active, those with sales at two times or more by then; NULL where nobody is
    retention_rate       | double | of the active of the month before, those active in the month; NULL where nobody was
    pulse                | double | (new + resurrected) / lapsed; NULL where nobody lapsed
    new_cities           | bigint | cities (by province) whose first sale lies in the month; NULL where none is known
    gmv_change           | {SUM}  | gmv less that of the month before; NULL where that is not there by the same model
    by_customers         | {SUM}  | of gmv_change, what is due to how many were active
    by_frequency         | {SUM}  | of gmv_change, what is due to sales per active one
    by_value             | {SUM}  | of gmv_change, what is due to GMV per sale: the three add up to it
    offered              | bigint | of a tier: accepted orders of the month, whatever became of them
    paid                 | bigint | of a tier: the sales among these
    conversion_rate      | double | paid / offered
    completion_rate      | double | of the month's sales of which it is known, those used up; NULL where of none
    as_of                | date   | the snapshot by which segments are told
    fitted_by            | string | the run that searched for the model by which they are
    run_id               | string | the run
""",
    in_parts=True,
    later="tier",
)

PREDICTION = _table(
    "prediction",
    "one row per entity, quarter's end, target, measure and predictor",
    "entity as_of target measure predictor",
    """
    entity    | string | buyers or sellers
    as_of     | date   | the quarter's end from which the next quarter is predicted
    fitted_on | date   | the quarter's end before, on which it was learnt what follows
    target    | string | of the next quarter: gmv, activity or returns
    measure   | string | r2, auc or brier
    predictor | string | segments, rfm (deciles of all three) or last_gmv (deciles of the last quarter's GMV)
    entities  | bigint | how many were known with a sale on as_of
    value     | double | the measure, of what came in the next quarter
    low       | double | lower end of its 95 % interval
    high      | double | upper end of its 95 % interval
    lead      | double | by how much the segments are better; NULL of the segments themselves
    lead_low  | double | lower end of the lead's 95 % interval: above 0, segments say more
    lead_high | double | upper end of the lead's 95 % interval: below 0, segments say less
    fitted_by | string | the run that searched for the model of the segments
    run_id    | string | the run
""",
    in_parts=True,
)

_PROFILES = """
    segment        | int                | 0 … k
    segment_name   | string             | the segment's name
    size           | bigint             | entities in it
    share          | double             | of all entities with a sale (of all entities for segment 0)
    gmv_share      | double             | of all GMV
    revenue_share  | double             | of all revenue; NULL where not published
    repeat_rate    | double             | of its entities, those with sales at two times or more; NULL without a sale
    order_value    | double             | GMV of its entities / their sales; NULL without a sale
    top_province   | string             | the most frequent known province
    top_province_share | double         | its share of those whose province is known; NULL where of fewer than half
    top_category   | string             | the most frequent known top category
    top_category_share | double         | its share of those who have one; NULL where fewer than half do
    insight        | string             | what distinguishes it, in a sentence with figures
    recommendation | string             | what to do
    strategy       | map<string,string> | channel, message, … where the archetype has them
    priority       | int                | 1 first
    rule           | string             | who is in it, as a SQL condition over features; NULL where there is one
    rule_precision | double             | share of those for whom the rule holds who are in the segment
    rule_recall    | double             | share of the segment for whom the rule holds
    fidelity       | double             | share of all for whom the rule of their own segment holds, and no other
    run_id         | string             | the run
    as_of          | date               | the day the profiles speak of
"""
BUYER_PROFILES = _table("buyer_profiles", "one row per segment of buyers", "segment", _PROFILES)
SELLER_PROFILES = _table("seller_profiles", "one row per segment of sellers", "segment", _PROFILES)

_SWEEP = """
    method         | string  | kmeans, bisecting_kmeans or gaussian_mixture
    k              | int     | segments asked for
    silhouette     | double  | ClusteringEvaluator's, on squared Euclidean distance
    wssse          | double  | within-cluster sum of squared errors; NULL for a Gaussian mixture
    smallest_share | double  | share of the smallest segment
    stability      | double  | mean Jaccard of the least stable segment over resamples
    chance         | double  | the silhouette that no grouping at all would reach
    separation     | double  | density between the two nearest segments over that within the sparser: 0 a gap, 1 none
    stable_resamples | int   | resamples from which every segment came back with a Jaccard of min_stability or more
    admitted       | boolean | whether it passed every gate
    reason         | string  | why it did not; NULL where it did
    chosen         | boolean | whether it is the one
    run_id         | string  | the run
"""
BUYER_SWEEP = _table("buyer_sweep", "one row per method and k", "method k", _SWEEP)
SELLER_SWEEP = _table("seller_sweep", "one row per method and k", "method k", _SWEEP)

_MOVES = """
    id         | string | the one whom the change would move
    to_segment | int    | the next better segment
    feature    | string | the feature on which the border is told, all others staying as they are (a sale moves several)
    from_value | double | its value, in its own units
    to_value   | double | the nearest value that is enough
"""
BUYER_MOVES = _table(
    "buyer_moves", "one row per buyer whom a change of one feature moves to the next better segment", "id", _MOVES
)
SELLER_MOVES = _table(
    "seller_moves", "one row per seller whom a change of one feature moves to the next better segment", "id", _MOVES
)

_ATTRIBUTES = """
    attribute     | string  | age, province, city (where there are few), an attribute, band or group of the source
    segment       | int     | 0 … k; NULL: all with a sale
    value         | string  | the value, never an unknown one; of a number without a band a quarter, least – greatest
    rest          | boolean | whether the row (its value is others) stands for all values beyond the commonest 12
    place         | int     | of the value: as declared, else the commonest or the lowest first
    low           | double  | the least number in the quarter; NULL where it is no number
    high          | double  | the greatest number in the quarter; NULL where it is no number
    size          | bigint  | entities in the segment
    known         | bigint  | of these, those of whom the attribute is known
    entities      | bigint  | of these, those who have the value
    share         | double  | entities / known; NULL where it is known of nobody
    share_all     | double  | the same of all with a sale
    lift          | double  | share / share_all; NULL where that is 0
    test          | string  | chi2 (texts, yes or no), kruskal (numbers); NULL where too few are known for a test
    p_value       | double  | of the test between segments with a sale of which enough are known (30, and one in ten)
    p_adjusted    | double  | p_value after Holm's correction for all attributes that were tested
    effect        | double  | Cramér's V of chi2, eta squared of kruskal: 0 none, 1 all
    differs       | boolean | p_adjusted below 0.05, and the effect large enough to matter (V 0.1, eta squared 0.01)
    made_segments | boolean | whether segments were made of it, or of what it is of: they differ by construction
    run_id        | string  | the run
    as_of         | date    | the day the shares speak of
"""
BUYER_ATTRIBUTES = _table(
    "buyer_attributes",
    "one row per attribute of buyers, segment and value",
    "attribute segment value rest",
    _ATTRIBUTES,
)
SELLER_ATTRIBUTES = _table(
    "seller_attributes",
    "one row per attribute of sellers, segment and value",
    "attribute segment value rest",
    _ATTRIBUTES,
)

OVERVIEW = _table(
    "overview",
    "one row per dimension and value",
    "dimension value",
    f"""
    dimension     | string | total, month, province, seller_province, product_type, category, …
    value         | string | the value; NULL where unknown
    orders        | bigint | sales; an order counts in each of its categories
    gmv           | {SUM}  | GMV of sales
    gmv_squares   | {SQUARES} | sum of the squares of their GMV, for how far chance goes; NULL where too large
    revenue       | {SUM}  | platform revenue of sales; NULL where not published
    revenue_orders | bigint | of these sales, those whose revenue is published
    published_gmv | {SUM}  | GMV of these: what revenue is a part of
    gmv_share     | double | of the total
    revenue_share | double | of the total; NULL where not published
    buyers        | bigint | buyers whose value it is; NULL but in the source's own bands and groups, and their total
    buyer_share   | double | of all buyers; NULL likewise
    offered       | bigint | accepted orders of any status; NULL likewise
    conversion_rate | double | orders / offered; NULL likewise
    run_id        | string | the run
    as_of         | date   | the day the figures speak of
""",
)

TRADE = _table(
    "trade",
    "one row per pair of segments that trade",
    "buyer_segment seller_segment",
    f"""
    buyer_segment  | int    | the buyers' segment
    seller_segment | int    | the sellers' segment; NULL where the source names no seller
    orders         | bigint | sales
    gmv            | {SUM}  | GMV of sales
    revenue        | {SUM}  | platform revenue of sales; NULL where not published
    voucher_value  | {SUM}  | vouchers used, in money
    offered        | bigint | accepted orders of any status
    return_rate    | double | returned orders / all accepted orders
    run_id         | string | the run
    as_of          | date   | the day the figures speak of
""",
)

RUNS = _table(
    "runs",
    "one row per run, written last",
    "run_id",
    """
    run_id          | string             | the run
    job             | string             | segment, …
    status          | string             | published
    started_at      | timestamp          | when it began
    finished_at     | timestamp          | when it ended
    source          | string             | name of the source
    as_of           | date               | the day the run speaks of
    table_versions  | map<string,bigint> | the Delta version of every table that it published
    config          | string             | the resolved config as JSON
    verdict_buyers  | string             | natural, tiers or none; NULL where not segmented
    verdict_sellers | string             | natural, tiers or none; NULL where not segmented
    refit           | string             | JSON: by entity whether it was refitted, why, and drift against thresholds
""",
    accumulates=True,
)

MODELS = _table(
    "models",
    "one row per run and entity",
    "run_id entity",
    """
    run_id       | string | the run whose segments are by this model
    entity       | string | buyers or sellers
    fitted_by    | string | the run that searched for it; another one where everyone was only scored
    method       | string | kmeans, bisecting_kmeans, gaussian_mixture; none where everyone is one segment
    k            | int    | how many segments
    entities     | bigint | how many were clustered
    plan         | string | the plan of the search as JSON: features, sweep, gates
    transforms   | string | JSON, one entry per coordinate: how a feature becomes it
    centroids    | string | JSON: the centres in these coordinates, that of segment 1 first; of a mixture its shapes too
    candidates   | string | JSON: the same for each k that was tried
    left_out     | string | JSON: features that made no coordinate, and why
    imputed      | string | JSON: the share of unknown values by feature, which were given the median
    correlations | string | JSON: Pearson's r between the coordinates
    names        | string | JSON: the segments' names by number
    baseline     | string | JSON: the entities that it was fitted on, by features in bins and by segment, for drift
    checksum     | string | SHA-256 of method, transforms and centroids
    as_of        | date   | the day the features speak of
""",
    accumulates=True,
)

CANONICAL = {table.name: table for table in (ORDERS, ORDER_LINES, USERS, PRODUCTS)}
LATEST = (USERS.name, PRODUCTS.name)  # who they are and what they cost changes: what is known latest is right
TABLES = {
    table.name: table
    for table in (
        ORDERS,
        ORDER_LINES,
        USERS,
        PRODUCTS,
        QUARANTINE,
        LEDGER,
        WARNINGS,
        FILES,
        RELEASED,
        RAW_ROWS,
        UNDO_LOG,
        UPKEEP,
        BUYER_FEATURES,
        SELLER_FEATURES,
        BUYER_SEGMENTS,
        SELLER_SEGMENTS,
        BUYER_PROFILES,
        SELLER_PROFILES,
        BUYER_SWEEP,
        SELLER_SWEEP,
        BUYER_MOVES,
        SELLER_MOVES,
        BUYER_ATTRIBUTES,
        SELLER_ATTRIBUTES,
        MODELS,
        OVERVIEW,
        TRADE,
        BUYER_HISTORY,
        SELLER_HISTORY,
        BUYER_MOVERS,
        SELLER_MOVERS,
        BUYER_MIGRATIONS,
        SELLER_MIGRATIONS,
        KPIS,
        COHORTS,
        PREDICTION,
        RUNS,
    )
}


def profile_columns(features: Sequence[str], texts: Sequence[str] = ()) -> list[Column]:
    """Columns of a profile table: mean_F, median_F, p10_F, p90_F, lift_F and known_F of each F in `features`, and of
    each text top_F, top_share_F and top_lift_F."""
    kinds = (
        ("mean", "double", "mean"),
        ("median", "double", "median"),
        ("p10", "double", "10th percentile"),
        ("p90", "double", "90th percentile"),
        ("lift", "double", "the segment's mean over the mean of all with a sale; NULL where that is 0"),
        ("known", "bigint", "of how many entities of the segment it is known"),
    )
    tops = (
        ("top", "string", "the most frequent value; NULL where it is known of fewer than half"),
        ("top_share", "double", "its share of those in the segment of whom one is known"),
        ("top_lift", "double", "that share over the same share of all with a sale"),
    )
    return [
        Column(f"{name}_{f}", kind, f"{f}: {text}")
        for of, cells in ((features, kinds), (texts, tops))
        for f in of
        for name, kind, text in cells
    ]
