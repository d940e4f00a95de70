"""The main job: ingest → features → segment → report.

spark-submit jobs/segment.py --config conf/local.yml --input DIR
"""

import sys

from segmentation.command import run_job
from segmentation.pipeline import segment

if __name__ == "__main__":
    status = run_job(segment, "Turn a marketplace's orders into buyer and seller segments.", sys.argv[1:])
    if status:  # an exit of any kind, even with 0, would end a Databricks task as failed
        sys.exit(status)
