"""Compact the lake's tables, remove files beyond `keep`, or make an earlier run the present again.

spark-submit jobs/upkeep.py --config conf/local.yml [--restore RUN_ID]
"""

import sys
from argparse import ArgumentParser

from segmentation.cli.command import run_job
from segmentation.pipeline import upkeep


def add_options(parser: ArgumentParser) -> None:
    """What only this job takes."""
    parser.add_argument("--restore", metavar="RUN_ID", help="make this published run the present again, and no more")


if __name__ == "__main__":
    status = run_job(upkeep, "Compact the tables of the lake and remove old files.", sys.argv[1:], add_options)
    if status:  # an exit of any kind, even with 0, would end a Databricks task as failed
        sys.exit(status)
