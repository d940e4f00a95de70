"""The report: figures read back from the lake, as one HTML page and its charts."""

from segmentation.reporting.data import EntityData, ReportData, RunInfo
from segmentation.reporting.page import write_report

__all__ = ["EntityData", "ReportData", "RunInfo", "write_report"]
