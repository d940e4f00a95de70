"""What a day costs: the last 1 % of the orders added to a lake, against a full run over the same orders.

    .venv/bin/python scripts/bench/one_day.py --input build/sample/x10 --work build/bench/day

--input is what scripts/make_sample.py padi --scale 10 wrote. Its orders are cut by time: those before the day go
into a lake with users and products, the rest and their lines are the day. Prints the seconds of ingest and features
of both, their ratio, and which tables' files the day left alone.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deltalake import DeltaTable

ROOT = Path(__file__).parents[2]
SUBMIT = Path(sys.executable).parent / "spark-submit"
DONE = re.compile(r"^done in ([\d,]+) s", re.MULTILINE)


def cut(raw: Path, before: Path, day: Path, share: float) -> int:
    """Link or write the exports into the two folders; returns the orders of the day."""
    moments = sorted(line.split(b",", 2)[1] for path in raw.glob("df_order_[0-9]*.csv") for line in _rows(path))
    start = moments[int(len(moments) * (1 - share))]
    ids: set[bytes] = set()
    for path in sorted(raw.glob("df_order_[0-9]*.csv")):
        late = [line for line in _rows(path) if line.split(b",", 2)[1] >= start]
        ids |= {line.split(b",", 1)[0] for line in late}
        _split(path, before, day, set(late).__contains__)
    for path in sorted(raw.glob("df_order_complete*.csv")):
        _split(path, before, day, lambda line: line.split(b",", 1)[0] in ids)
    for path in [*raw.glob("df_users*.csv"), *raw.glob("df_products*.csv")]:
        (before / path.name).hardlink_to(path)
    return len(ids)


def _rows(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        next(file)
        yield from file


def _split(path: Path, before: Path, day: Path, is_late) -> None:  # type: ignore[no-untyped-def]
    with path.open("rb") as file, (before / path.name).open("wb") as old, (day / path.name).open("wb") as new:
        header = next(file)
        old.write(header)
        new.write(header)
        for line in file:
            (new if is_late(line) else old).write(line)


def run(name: str, raw: Path, lake: Path, arguments: list[str]) -> float:
    """Ingest and features of a folder; the seconds that they took."""
    command = [str(SUBMIT), *arguments, "jobs/segment.py", "--config", "conf/local.yml", "--input", str(raw)]
    command += ["--lake", str(lake), "--output", str(lake.parent / "report")]
    command += ["--stage", "ingest", "--stage", "features"]
    # spark-submit hands on all that Python writes on its own standard output.
    done = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
    print(f"--- {name}\n{done.stdout}", flush=True)
    return float(DONE.findall(done.stdout)[0].replace(",", ""))


def files_of(lake: Path, name: str) -> set[str]:
    """The files that a table consists of."""
    return set(DeltaTable(str(lake / name)).file_uris())


def main() -> None:
    """Measures, and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, metavar="DIR")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="made anew")
    parser.add_argument("--share", type=float, default=0.01, help="of the orders; default: %(default)s")
    options, submit = parser.parse_known_args()
    shutil.rmtree(options.work, ignore_errors=True)
    before, day = options.work.absolute() / "before", options.work.absolute() / "day"
    for folder in (before, day):
        folder.mkdir(parents=True)
    print(f"{cut(options.input.absolute(), before, day, options.share):,} orders of the day")
    whole = run("full", options.input.absolute(), options.work.absolute() / "full" / "lake", submit)
    lake = options.work.absolute() / "daily" / "lake"
    run("before", before, lake, submit)
    were = {name: files_of(lake, name) for name in ("orders", "order_lines", "users", "products")}
    added = run("day", day, lake, submit)
    print(f"ingest and features: full {whole:.0f} s, day {added:.0f} s, ratio {added / whole:.2f}")
    for name, files in were.items():
        now = files_of(lake, name)
        print(f"{name}: {len(files)} files, {len(files & now)} left alone, {len(now - files)} new")


if __name__ == "__main__":
    main()
