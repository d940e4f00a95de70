"""What a run costs, beside what a user would write instead: scripts/benchmark.py [--scale S]… [--runs N]

    .venv/bin/python scripts/benchmark.py --scale 1 --scale 10 --runs 3 --write

Runs the product and the programs in scripts/peers/ in turn, in one go and on the same files: whole processes, started
cold. Prints a table of medians: wall and CPU seconds of all processes, their largest resident memory (Java's and
Python's), and of Spark the SQL executions, jobs and records read; for the product the seconds of its stages too.
--write puts table and chart into docs/benchmarks.md, with machine, versions and day.

Counts do not move with whatever else the machine does; seconds do: compare those of one go alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PAGE = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "benchmarks.png"
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
PATIENCE = 0.5  # seconds between two looks at memory
EXACT_UP_TO = 3.0  # scale: the exact silhouette is quadratic, and takes hours beyond
PEERS = {
    "usual PySpark job": ("spark", "scripts/peers/naive_pyspark.py"),
    "pandas + scikit-learn": ("python", "scripts/peers/pandas_sklearn.py"),
    "DuckDB + scikit-learn": ("python", "scripts/peers/duckdb_sklearn.py"),
}
PRODUCT = "jobs/segment.py"


@dataclass(frozen=True)
class Cost:
    """One run: seconds, MB of resident memory, and what it asked of Spark (None where there is none)."""

    wall_s: float
    cpu_s: float
    java_mb: float
    python_mb: float
    executions: int | None = None
    jobs: int | None = None
    records_read: int | None = None
    stages: Mapping[str, float] = field(default_factory=dict)  # seconds by stage


def main() -> int:
    """Measures what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, action="append", help="of the sample; repeatable; default: 1 and 10")
    parser.add_argument("--runs", type=int, default=3, help="of each, of which the median counts; default: 3")
    parser.add_argument("--only", action="append", choices=[PRODUCT, *PEERS], help="repeatable; default: all")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="where samples and results go")
    parser.add_argument("--write", action="store_true", help="put the table and its chart into docs/benchmarks.md")
    given = parser.parse_args()
    given.work = given.work.resolve()  # the programs run in the repository, wherever this one was called
    found: dict[float, dict[str, Cost]] = {}
    for scale in given.scale or [1.0, 10.0]:
        raw = _sample(given.work, scale)
        names = given.only or [PRODUCT, *PEERS]
        names = [name for name in names if scale <= EXACT_UP_TO or name != "pandas + scikit-learn"]
        runs: dict[str, list[Cost]] = defaultdict(list)
        for number in range(given.runs):
            for name in names:  # in turn, so that the neighbours disturb all alike
                print(f"{scale:g}×, run {number + 1} of {given.runs}: {name}", file=sys.stderr)
                runs[name].append(_measured(name, raw, given.work / "out"))
        found[scale] = {name: median(costs) for name, costs in runs.items()}
        print("\n".join(table(scale, found[scale])))
    given.work.mkdir(parents=True, exist_ok=True)
    kept = {f"{scale:g}": {name: asdict(cost) for name, cost in costs.items()} for scale, costs in found.items()}
    (given.work / "benchmark.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    if given.write:
        write(found, given.runs)
    return 0


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure by itself."""

    def of(name: str) -> float | None:
        values = [value for cost in costs if (value := getattr(cost, name)) is not None]
        return statistics.median(values) if values else None

    stages = {name: statistics.median(cost.stages[name] for cost in costs) for name in costs[0].stages}
    counts = {name: None if (value := of(name)) is None else int(value) for name in COUNTS}
    seconds = {name: of(name) or 0.0 for name in ("wall_s", "cpu_s", "java_mb", "python_mb")}
    return Cost(**seconds, **counts, stages=stages)


COUNTS = ("executions", "jobs", "records_read")


def table(scale: float, costs: Mapping[str, Cost]) -> list[str]:
    """Lines of Markdown, and below them the product's stages."""
    lines = [
        f"**{scale:g}× the sample**",
        "",
        "| | wall s | CPU s | Java MB | Python MB | SQL executions | Spark jobs | records read |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, cost in costs.items():
        figures = [cost.wall_s, cost.cpu_s, cost.java_mb, cost.python_mb, cost.executions, cost.jobs, cost.records_read]
        lines.append(f"| {name} | " + " | ".join("" if each is None else f"{each:,.0f}" for each in figures) + " |")
    stages = costs[PRODUCT].stages if PRODUCT in costs else {}
    if stages:
        said = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in stages.items())
        lines += ["", f"Seconds of the product's steps, some of them side by side: {said}."]
    return [*lines, ""]


def write(found: Mapping[float, Mapping[str, Cost]], runs: int) -> None:
    """The tables and their chart, between the marks in the page."""
    _draw(found)
    head = (
        f"{date.today():%d %B %Y}, {os.cpu_count()} cores of {_processor()}, {_memory():,.0f} GB, {platform.system()}; "
        f"Python {platform.python_version()}, Spark {version('pyspark')}, Delta {version('delta-spark')}, "
        f"scikit-learn {version('scikit-learn')}, DuckDB {version('duckdb')}. Medians of {runs} runs in turn."
    )
    lines = [head, "", f"![Seconds of each]({CHART.name})", ""]
    for scale, costs in found.items():
        lines += table(scale, costs)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + END + rest.split(END)[1], encoding="utf-8")


def _measured(name: str, raw: Path, out: Path) -> Cost:
    """One run as a process of its own, with nothing left of the one before."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        events = Path(folder)
        said = out / "said"
        command = _command(name, raw, out, events)
        before, started = os.times(), time.monotonic()
        with said.open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
            memory = _Memory(process.pid)
            code = process.wait()
            memory.end()
        wall, after = time.monotonic() - started, os.times()
        if code:
            sys.exit(f"{name}: found exit status {code}, expected 0; {said} has what it said")
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        logs = [path for path in events.iterdir() if not path.name.startswith(".")]
        counts = _counts(logs[0].open(encoding="utf-8")) if logs else {}
        return Cost(wall, cpu, memory.java, memory.python, **counts, stages=_stages(said) if name == PRODUCT else {})


def _command(name: str, raw: Path, out: Path, events: Path) -> list[str]:
    logged = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }
    settings = [part for key, value in logged.items() for part in ("--conf", f"{key}={value}")]
    submit = [str(BIN / "spark-submit"), *settings]
    if name == PRODUCT:
        places = ["--input", str(raw), "--lake", str(out / "lake"), "--output", str(out / "report")]
        return [*submit, PRODUCT, "--config", "conf/local.yml", "--log-format", "json", *places]
    kind, script = PEERS[name]
    return [*(submit if kind == "spark" else [sys.executable]), script, "--input", str(raw), "--out", str(out / "peer")]


def _counts(events: Iterable[str]) -> dict[str, int]:
    """What Spark's event log adds up to."""
    counts = dict.fromkeys(COUNTS, 0)
    for line in events:
        event = json.loads(line)
        kind = event["Event"].rsplit(".", 1)[-1]
        counts["executions"] += kind == "SparkListenerSQLExecutionStart"
        counts["jobs"] += kind == "SparkListenerJobStart"
        if kind == "SparkListenerTaskEnd":
            metrics = event.get("Task Metrics") or {}
            counts["records_read"] += metrics.get("Input Metrics", {}).get("Records Read", 0)
    return counts


def _stages(said: Path) -> dict[str, float]:
    """Seconds by step, from the job's own log."""
    seconds: dict[str, float] = {}
    for line in said.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("{") and '"step_ended"' in line:
            event = json.loads(line)
            seconds[event["step"]] = event["seconds"]
    return seconds


class _Memory(threading.Thread):
    """The largest resident memory, in MB, of a process and of all that it started: Java's, and Python's together."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.java = self.python = 0.0
        self._root, self._ended = root, threading.Event()
        self.start()

    def run(self) -> None:
        """Looks until it is told that the process has ended."""
        while not self._ended.wait(PATIENCE):
            sizes: dict[str, float] = defaultdict(float)
            for pid in _tree(self._root):
                try:
                    kind = Path(f"/proc/{pid}/comm").read_text().strip()
                    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                except (OSError, ValueError):
                    continue
                sizes["java" if kind == "java" else "python"] += pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            self.java, self.python = max(self.java, sizes["java"]), max(self.python, sizes["python"])

    def end(self) -> None:
        """The process has ended."""
        self._ended.set()
        self.join()


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = stat.read_text()
        except OSError:
            continue
        children[int(said[said.rindex(")") + 2 :].split()[1])].append(int(stat.parent.name))
    found, todo = [], [root]
    while todo:
        found.append(todo.pop())
        todo += children[found[-1]]
    return found


def _sample(work: Path, scale: float) -> Path:
    """The PaDi-shaped sample at a scale, made once."""
    folder = work / f"sample-{scale:g}"
    if not (folder / "truth" / "manifest.json").exists():
        script = str(ROOT / "scripts" / "make_sample.py")
        subprocess.run([sys.executable, script, "padi", "--out", str(folder), "--scale", str(scale)], check=True)
    return folder


def _draw(found: Mapping[float, Mapping[str, Cost]]) -> None:
    import matplotlib  # noqa: PLC0415 (takes a second, for those who want the chart)

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(1, len(found), figsize=(5.5 * len(found), 3.2), squeeze=False, layout="constrained")
    for axis, (scale, costs) in zip(axes[0], found.items(), strict=True):
        names = list(costs)[::-1]
        places = range(len(names))
        for beside, figure_of, label, colour in ((0.2, "wall_s", "wall", "#1f5f8b"), (-0.2, "cpu_s", "CPU", "#c9a227")):
            seconds = [getattr(costs[name], figure_of) for name in names]
            axis.barh([at + beside for at in places], seconds, 0.38, label=label, color=colour)
        axis.set_yticks(list(places), names)
        axis.set_title(f"{scale:g}× the sample")
        axis.set_xlabel("seconds")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][-1].legend(frameon=False)
    figure.savefig(CHART, dpi=120)
    pyplot.close(figure)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


if __name__ == "__main__":
    sys.exit(main())
