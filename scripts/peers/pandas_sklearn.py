"""The pandas + scikit-learn notebook, as the peer to be measured against: what an analyst runs on one machine.

Everything in memory, one pass, k-means with ten starts for each k, and the exact silhouette of each. It has no ledger,
no quarantine, no lines, no report and no tables that grow, so it does less than jobs/segment.py.

    .venv/bin/python scripts/peers/pandas_sklearn.py --input build/sample/padi --out build/peers/pandas
"""

import argparse
import re
import time
from pathlib import Path

import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

SALES = ["Selesai", "Diproses", "Dikirim", "Diterima"]
BUYER_FEATURES = ["count_orders", "avg_order_value", "voucher_value", "recency_days"]
SELLER_FEATURES = ["count_orders", "avg_order_value", "unique_buyers", "total_vouchers", "recency_days"]
MONEY = ["gmv", "revenue", "voucher_val", "shipping_fee"]


def read_orders(folder):
    files = sorted(f for f in Path(folder).iterdir() if re.fullmatch(r"df_order(_\d+)?\.csv", f.name))
    df = pd.concat([pd.read_csv(f, encoding_errors="replace", on_bad_lines="skip", low_memory=False) for f in files])
    for column in MONEY:
        df[column] = pd.to_numeric(df[column], errors="coerce")
    df["created_at"] = pd.to_datetime(df["created_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    df = df.drop_duplicates("order_id")
    df = df[df["status"].isin(SALES)].dropna(subset=["order_id", "buyer_id", "seller_id", "created_at", "gmv"])
    return df.fillna({"voucher_val": 0, "revenue": 0})


def features(orders, by, today, **others):
    groups = orders.groupby(by, as_index=False).agg(
        count_orders=("order_id", "count"),
        total_gmv=("gmv", "sum"),
        total_revenue=("revenue", "sum"),
        avg_order_value=("gmv", "mean"),
        last_order=("created_at", "max"),
        **others,
    )
    groups["recency_days"] = (today - groups.pop("last_order").dt.normalize()).dt.days
    return groups


def segment(df, columns):
    scaled = StandardScaler().fit_transform(df[columns])
    best_score, best_k, best = -1.0, None, None
    for k in range(2, 11):
        labels = KMeans(n_clusters=k, n_init=10, random_state=42).fit_predict(scaled)
        score = silhouette_score(scaled, labels)
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

    orders = read_orders(args.input)
    today = orders["created_at"].max().normalize()
    print(f"orders read: {len(orders)} rows, {time.time() - started:.1f} s")
    buyers = features(
        orders, "buyer_id", today, voucher_value=("voucher_val", "sum"), unique_sellers=("seller_id", "nunique")
    )
    sellers = features(
        orders, "seller_id", today, total_vouchers=("voucher_val", "sum"), unique_buyers=("buyer_id", "nunique")
    )
    for entity, df, columns in [("buyer", buyers, BUYER_FEATURES), ("seller", sellers, SELLER_FEATURES)]:
        result = segment(df, columns)
        result.to_parquet(out / f"{entity}_segments.parquet")
        print(result.groupby("segment")[columns].mean().assign(size=result["segment"].value_counts()))
        print(f"{entity} segments written, {time.time() - started:.1f} s")


if __name__ == "__main__":
    main()
