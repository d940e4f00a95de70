"""DuckDB + scikit-learn, as the floor: the least time in which one process can read the orders and cluster them.

DuckDB parses and aggregates on all cores; k-means has ten starts for each k as in the notebook, and the silhouette is
that of a fixed sample of 5,000. It has no ledger, no quarantine, no lines, no report, no lake.

    .venv/bin/python scripts/peers/duckdb_sklearn.py --input build/sample/padi --out build/peers/duckdb
"""

import argparse
import re
import time
from pathlib import Path

import duckdb
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

SALES = ["Selesai", "Diproses", "Dikirim", "Diterima"]
BUYER_FEATURES = ["count_orders", "avg_order_value", "voucher_value", "recency_days"]
SELLER_FEATURES = ["count_orders", "avg_order_value", "unique_buyers", "total_vouchers", "recency_days"]
SAMPLE = 5_000

ORDERS = """
CREATE TABLE orders AS
SELECT order_id, any_value(buyer_id) AS buyer_id, any_value(seller_id) AS seller_id, any_value(status) AS status,
       any_value(try_cast(created_at AS TIMESTAMP)) AS created_at, any_value(try_cast(gmv AS DOUBLE)) AS gmv,
       any_value(coalesce(try_cast(revenue AS DOUBLE), 0)) AS revenue,
       any_value(coalesce(try_cast(voucher_val AS DOUBLE), 0)) AS voucher_val
FROM read_csv(?, all_varchar = true, header = true, ignore_errors = true)
GROUP BY order_id
HAVING any_value(status) IN (SELECT unnest(?)) AND any_value(try_cast(created_at AS TIMESTAMP)) IS NOT NULL
   AND any_value(try_cast(gmv AS DOUBLE)) IS NOT NULL
   AND any_value(buyer_id) IS NOT NULL AND any_value(seller_id) IS NOT NULL
"""
MEASURES = """
count(*) AS count_orders, sum(gmv) AS total_gmv, sum(revenue) AS total_revenue, avg(gmv) AS avg_order_value,
date_diff('day', max(created_at)::DATE, (SELECT max(created_at)::DATE FROM orders)) AS recency_days
"""
BUYERS = f"""
SELECT buyer_id, {MEASURES}, sum(voucher_val) AS voucher_value, count(DISTINCT seller_id) AS unique_sellers
FROM orders GROUP BY buyer_id ORDER BY buyer_id
"""
SELLERS = f"""
SELECT seller_id, {MEASURES}, sum(voucher_val) AS total_vouchers, count(DISTINCT buyer_id) AS unique_buyers
FROM orders GROUP BY seller_id ORDER BY seller_id
"""


def segment(df, columns):
    scaled = StandardScaler().fit_transform(df[columns])
    best_score, best_k, best = -1.0, None, None
    for k in range(2, 11):
        labels = KMeans(n_clusters=k, n_init=10, random_state=42).fit_predict(scaled)
        score = silhouette_score(scaled, labels, sample_size=min(SAMPLE, len(scaled)), random_state=0)
        print(f"  k={k}: silhouette {score:.4f}")
        if score > best_score:
            best_score, best_k, best = score, k, labels
    print(f"  best k={best_k}")
    return df.assign(segment=best)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", required=True, help="folder with df_order*.csv")
    parser.add_argument("--out", required=True, help="folder for the segments, as Parquet")
    args = parser.parse_args()
    started = time.time()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)

    files = sorted(str(f) for f in Path(args.input).iterdir() if re.fullmatch(r"df_order(_\d+)?\.csv", f.name))
    with duckdb.connect() as db:
        db.execute(ORDERS, [files, SALES])
        print(f"orders read, {time.time() - started:.1f} s")
        for entity, query, columns in [("buyer", BUYERS, BUYER_FEATURES), ("seller", SELLERS, SELLER_FEATURES)]:
            result = segment(db.sql(query).df(), columns)
            result.to_parquet(out / f"{entity}_segments.parquet")
            print(result.groupby("segment")[columns].mean().assign(size=result["segment"].value_counts()))
            print(f"{entity} segments written, {time.time() - started:.1f} s")


if __name__ == "__main__":
    main()
