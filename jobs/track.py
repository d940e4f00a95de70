"""Rebuild the past month by month: who was in which segment, who moved and why, and the key figures of each month.

spark-submit jobs/track.py --config conf/local.yml [--months N] [--model RUN_ID]
"""

import sys
from argparse import ArgumentParser

from segmentation.cli.command import run_job
from segmentation.cli.options import add_model
from segmentation.pipeline import track


def add_options(parser: ArgumentParser) -> None:
    """What only this job takes."""
    parser.add_argument("--months", metavar="N", type=int, help="how many month ends to look back on; default: 12")
    add_model(parser)


if __name__ == "__main__":
    what = "Rebuild the past month by month, by a published model: histories, migrations and key figures."
    status = run_job(track, what, sys.argv[1:], add_options)
    if status:  # an exit of any kind, even with 0, would end a Databricks task as failed
        sys.exit(status)
