"""PaDi-shaped exports: four raw files with dirt, the planted groups, and a manifest of what is in them.

Samples of more than scale 1 are several blocks, written one after another, so that memory does not
grow with the scale. An order's GMV is the sum of its lines' subtotals; shipping and tax (ppn, 11 %)
are apart.
"""

import json
import math
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from sample.dirt import Tally
from sample.padi_block import Block, Totals, make_block
from sample.padi_dirt import Files, soil
from sample.padi_market import CALENDAR, GMV, MARKET, REVENUE, SALES
from sample.padi_tables import draw_ids
from sample.population import Group, Side
from sample.rawcsv import write as write_csv

FILES = {"orders": "df_order", "order_lines": "df_order_complete", "users": "df_users", "products": "df_products"}
OWN_FILES = re.compile(rf"({'|'.join(FILES.values())})(_\d+)?\.csv")


def split_totals(scale: float) -> Iterator[Totals]:
    """The blocks of a sample, their totals adding up to the scaled ones exactly."""
    blocks = max(1, math.ceil(scale))
    whole = [round(total * scale) for total in (SALES, GMV, REVENUE)]
    for i in range(blocks):
        yield Totals(scale / blocks, *(total * (i + 1) // blocks - total * i // blocks for total in whole))


def write(out: Path, scale: float, seed: int, movers: int = 0) -> None:
    """Writes the sample into `out`: the raw files, `truth/` and, last, the manifest.

    movers: buyers besides those of the scale, who change group in known months (`truth/movers.csv`).
    """
    (out / "truth").mkdir(parents=True, exist_ok=True)
    for old in [*out.iterdir(), *(out / "truth" / name for name in ("manifest.json", "movers.csv"))]:
        if OWN_FILES.fullmatch(old.name) or old.parent.name == "truth":
            old.unlink(missing_ok=True)
    blocks = list(split_totals(scale))
    tallies = {table: Tally() for table in FILES}
    sizes = {side: [0] * len(groups) for side, groups in (("buyers", MARKET.buyers), ("sellers", MARKET.sellers))}
    without_sale = {"buyers": 0, "sellers": 0}
    made: list[Totals] = []
    for i, totals in enumerate(blocks):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, i))))
        suffix = f"_{i + 1:0{max(2, len(str(len(blocks))))}d}" if len(blocks) > 1 else ""
        block = make_block(totals, rng, movers if i == 0 else 0)
        made.append(block.totals)
        ids = draw_ids(block, rng)
        write_files(out, suffix, soil(block, ids, rng), tallies)
        write_truth(out / "truth" / "buyers.csv", block.buyers, ids.buyers, MARKET.buyers, first=i == 0)
        write_truth(out / "truth" / "sellers.csv", block.sellers, ids.sellers, MARKET.sellers, first=i == 0)
        if block.movers.count:
            write_movers(out / "truth" / "movers.csv", block, ids.buyers)
        for name, side, count in (
            ("buyers", block.buyers, block.buyer_count),
            ("sellers", block.sellers, block.seller_count),
        ):
            sizes[name] = [int(n) + old for n, old in zip(np.bincount(side.group), sizes[name], strict=True)]
            without_sale[name] += count - side.count
    manifest = {
        "business": "padi",
        "scale": scale,
        "seed": seed,
        "as_of": str(CALENDAR.last),
        "time_zone": "Asia/Jakarta",
        "sales": {
            "orders": sum(t.sales for t in made),
            "gmv": sum(t.gmv for t in made),
            "revenue": sum(t.revenue for t in made),
        },
        "tables": {table: tally.as_json(with_money=table == "orders") for table, tally in tallies.items()},
        "group_sizes": sizes,
        "without_sale": without_sale,
        **({"movers": movers} if movers else {}),
    }
    (out / "truth" / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def write_files(out: Path, suffix: str, files: Files, tallies: dict[str, Tally]) -> None:
    """One block's four files, a line of progress for each."""
    for table, stem in FILES.items():
        begun = time.monotonic()
        clean, extras, tally = files[table]
        path = out / f"{stem}{suffix}.csv"
        write_csv(path, clean, [extra.raw for extra in extras], np.array([extra.place for extra in extras]))
        tallies[table].add(tally)
        rows, size = clean.count + len(extras), path.stat().st_size / 1e6
        print(f"{path.name:28} {rows:>10,} rows {size:8.1f} MB {time.monotonic() - begun:5.1f} s", file=sys.stderr)


def write_truth(path: Path, side: Side, ids: pa.Array, groups: tuple[Group, ...], first: bool) -> None:
    """Who was planted where; later blocks are appended."""
    rows = sorted(zip(ids[: side.count].to_pylist(), side.group.tolist(), strict=True))
    with path.open("w" if first else "a", newline="\n") as file:
        if first:
            file.write("id,group,group_name\n")
        file.writelines(f"{id_.decode()},{group},{groups[group].name}\n" for id_, group in rows)


def write_movers(path: Path, block: Block, ids: pa.Array) -> None:
    """Who changed group, in which month, from which group to which."""
    movers, groups = block.movers, MARKET.buyers
    theirs = ids[block.buyers.count - movers.count : block.buyers.count].to_pylist()
    rows = sorted(zip(theirs, movers.month, movers.start.tolist(), movers.end.tolist(), strict=True))
    with path.open("w", newline="\n") as file:
        file.write("buyer,month,from,to\n")
        file.writelines(f"{id_.decode()},{month},{groups[a].name},{groups[b].name}\n" for id_, month, a, b in rows)
