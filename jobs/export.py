"""One CSV per segment for campaign tools, from the segments of the last run; or one per path of those who moved.

spark-submit jobs/export.py --config conf/local.yml --separator ';' --decimal , [--migrations]
"""

import sys
from argparse import ArgumentParser

from segmentation.cli.command import run_job
from segmentation.pipeline import export


def add_options(parser: ArgumentParser) -> None:
    """What only this job takes."""
    parser.add_argument("--separator", metavar="SIGN", help="between cells: , or ; or | or tab; default: ,")
    parser.add_argument("--decimal", choices=(".", ","), help="before a number's fraction; default: .")
    parser.add_argument(
        "--migrations",
        action="store_true",
        default=None,
        help="instead, into OUTPUT/exports/migrations, one CSV per path of those who moved between the last two "
        "snapshots of jobs/track.py",
    )


if __name__ == "__main__":
    status = run_job(export, "Write one CSV per segment into OUTPUT/exports.", sys.argv[1:], add_options)
    if status:  # an exit of any kind, even with 0, would end a Databricks task as failed
        sys.exit(status)
