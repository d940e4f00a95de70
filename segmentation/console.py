"""What a run says at its end: each entity's segments as a table of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

UNKNOWN = "–"


def profile_table(profiles: Sequence[Mapping[str, object]], features: Sequence[str], gmv: str = "GMV") -> str:
    """Rows of a profile table as lines of text: number, name, size, shares and the mean of each feature.

    >>> print(profile_table([{"segment": 1, "segment_name": "Regulars", "size": 1200, "share": 0.25,
    ...                       "gmv_share": None, "mean_count_orders": 12.5}], ["count_orders"]))
        segment    size  share  GMV  mean count orders
     1  Regulars  1,200  25.0%    –              12.50
    """
    rows = [["", "segment", "size", "share", gmv, *(f"mean {name.replace('_', ' ')}" for name in features)]]
    for profile in sorted(profiles, key=_last_without_sales):
        if not profile["size"]:  # everyone has a sale
            continue
        shares = [_percent(profile.get(name)) for name in ("share", "gmv_share")]
        means = [_number(profile.get(f"mean_{name}")) for name in features]
        rows.append(
            [str(profile["segment"]), str(profile["segment_name"]), f"{profile['size']:,}", *shares, *means]
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _last_without_sales(profile: Mapping[str, object]) -> tuple[bool, object]:
    return profile["segment"] == 0, profile["segment"]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    number, name, *figures = zip(cells, widths, strict=True)
    shown = [number[0].rjust(number[1] + 1), name[0].ljust(name[1]), *(cell.rjust(width) for cell, width in figures)]
    return "  ".join(shown).rstrip()


def _percent(value: object) -> str:
    if value is None:
        return UNKNOWN
    share = float(str(value))
    return "<0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def _number(value: object) -> str:
    if value is None:
        return UNKNOWN
    number = float(str(value))
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2f}"
