"""Put new and changed buyers and sellers into the segments of the last published model: nothing is fitted again.

spark-submit jobs/score.py --config conf/local.yml --input DIR [--model RUN_ID]
"""

import sys

from segmentation.cli.command import run_job
from segmentation.cli.options import add_model
from segmentation.pipeline import score

if __name__ == "__main__":
    what = "Take in what came, and put everyone into the segments of a published model."
    status = run_job(score, what, sys.argv[1:], add_model)
    if status:  # an exit of any kind, even with 0, would end a Databricks task as failed
        sys.exit(status)
