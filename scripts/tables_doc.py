"""Writes docs/tables.md from the declaration of the tables: scripts/tables_doc.py, or make docs."""

from pathlib import Path

from segmentation.schemas import LOCK, RUNS, TABLES, Table

PAGE = Path(__file__).parents[1] / "docs" / "tables.md"
HEAD = """# The tables of a lake

Made by `make docs` from `segmentation/schemas.py`, which also writes these comments into the tables: Unity Catalog and
any Delta reader show them. Profiles have besides, of each feature F, mean_F, median_F, p10_F, p90_F, lift_F and
known_F, and of each category top_F, top_share_F and top_lift_F; users and features have the attributes, bands and
groups that a source declares.
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([HEAD, *[_section(table) for table in (*TABLES.values(), LOCK)]])


def _section(table: Table) -> str:
    adds_up = " Rows of all runs." if table.accumulates and table is not RUNS else ""
    key = ", ".join(table.key)
    rows = [f"| {column.name} | {column.type} | {_cell(column.comment)} |" for column in table.columns]
    grain = table.grain[0].upper() + table.grain[1:]
    head = [f"## {table.name}", f"{grain}. Key: {key}.{adds_up}", "", "| column | type | meaning |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
