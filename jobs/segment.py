"""The main job: ingest → features → segment → report.

spark-submit jobs/segment.py --config conf/local.yml --input DIR
"""

import sys
from argparse import ArgumentParser

from segmentation.cli.command import run_job
from segmentation.pipeline import segment


def add_options(parser: ArgumentParser) -> None:
    """What only this job takes."""
    parser.add_argument(
        "--check",
        action="store_true",
        default=None,
        help="judge the first rows of each file, say what would be refused and why, and write nothing",
    )
    parser.add_argument(
        "--refit",
        choices=("auto", "always", "never"),
        help="never: put everyone into the segments of the last published model; auto: so long as they have not "
        "drifted; default: always",
    )
    parser.add_argument("--rows", metavar="N", type=int, help="of each file, with --check; default: 1000")


if __name__ == "__main__":
    what = "Turn a marketplace's orders into buyer and seller segments."
    status = run_job(segment, what, sys.argv[1:], add_options)
    if status:  # an exit of any kind, even with 0, would end a Databricks task as failed
        sys.exit(status)
