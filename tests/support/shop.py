"""A shop of a few orders in PaDi's form, whose exports come day after day."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from pyspark.sql import SparkSession

from segmentation.config import load_config
from segmentation.pipeline import segment
from segmentation.progress import Progress
from tests.support.lakes import table_of

REPOSITORY = Path(__file__).parents[2]
HEADERS = {
    "df_order": "order_id,created_at,status,seller_id,seller_category,buyer_id,payment_type,payment_method,"
    "voucher_val,voucher_code,product_type,shipping_fee,gmv,revenue",
    "df_order_complete": "order_id,quantity,unit,price_per_item,price_subtotal,ppn,Main Category,subcat 1,"
    "subcat 2,product name",
    "df_users": "user_id,city,district,province,flag_user",
    "df_products": "product_id,seller_id,product name,Main Category,subcat 1,subcat 2,unit,price",
}
USERS = (
    "b1,Bandung,Coblong,Jawa Barat,Buyer",
    "b2,Solo,Laweyan,Jawa Tengah,Buyer",
    "s1,Solo,Laweyan,Jawa Tengah,Seller",
)
PRODUCTS = ("p1,s1,Rice,Food,0,0,kg,10",)


def order(no: str, gmv: object = 10, status: str = "Selesai", buyer: str = "b1", day: str = "2024-01-01") -> str:
    """One line of df_order."""
    return f"{no},{day} 10:00:00,{status},s1,Mikro,{buyer},prepaid,BCA,0,NaN,barang,0,{gmv},1"


def line(no: str, subtotal: object = 10, product: str = "Rice", category: str = "Food") -> str:
    """One line of df_order_complete: one piece."""
    return f"{no},1,pcs,{subtotal},{subtotal},1.1,{category},0,0,{product}"


class Shop:
    """Exports and the lake that they go into."""

    def __init__(self, spark: SparkSession, folder: Path, days: int = 0) -> None:
        self.spark, self.folder, self.lake = spark, folder, folder / "lake"
        self.said = io.StringIO()
        self._days = days

    def export(
        self,
        orders: Iterable[str] = (),
        lines: Iterable[str] = (),
        users: Iterable[str] = USERS,
        products: Iterable[str] = PRODUCTS,
    ) -> Path:
        """A day's folder, with a file for each kind of rows that there are any of."""
        self._days += 1
        folder = self.folder / f"day{self._days}"
        folder.mkdir(parents=True)
        for name, rows in zip(HEADERS, (orders, lines, users, products), strict=True):
            if rows := list(rows):
                (folder / f"{name}.csv").write_text("\n".join([HEADERS[name], *rows]) + "\n")
        return folder

    def take(self, folder: Path, *stages: str, **overrides: Any) -> None:
        """Run the main job on a folder; only ingest by default."""
        config = load_config(
            str(REPOSITORY / "conf" / "local.yml"),
            {
                "input": str(folder), "lake": str(self.lake), "output": str(self.folder / "report"),
                "stages": stages or ("ingest",), **overrides,
            },
        )  # fmt: skip
        config = config.model_copy(update={"quality": config.quality.model_copy(update={"max_quarantine_share": 1.0})})
        self.spark.conf.set("spark.sql.session.timeZone", config.source.time_zone)
        self.said = io.StringIO()
        segment(self.spark, config, Progress(self.said))

    def table(self, name: str) -> pd.DataFrame:
        """A table as delta-rs reads it."""
        return table_of(self.lake, name)

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a table, in order."""
        return sorted(map(tuple, self.table(name)[list(columns)].astype(str).values))
