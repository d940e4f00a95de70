"""The report: figures read back from the lake, as one HTML page and its charts."""

from segmentation.reporting.data import EntityData, ReportData, Run
from segmentation.reporting.page import write_report

__all__ = ["EntityData", "ReportData", "Run", "write_report"]
