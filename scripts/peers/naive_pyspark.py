"""The usual PySpark + Delta job, as the peer to be measured against: what a data engineer writes from the tutorials.

It reads only the orders, lets Spark infer the schema, keeps Spark's default settings, caches what it clusters, and
fits one k after another. It has no ledger, no quarantine, no lines, no report, so it does less than jobs/segment.py.

    .venv/bin/spark-submit scripts/peers/naive_pyspark.py --input build/sample/padi --out build/peers/naive
"""

import argparse
import re
import time
from pathlib import Path

from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

SALES = ["Selesai", "Diproses", "Dikirim", "Diterima"]
BUYER_FEATURES = ["count_orders", "avg_order_value", "voucher_value", "recency_days"]
SELLER_FEATURES = ["count_orders", "avg_order_value", "unique_buyers", "total_vouchers", "recency_days"]


def read_orders(spark, folder):
    files = sorted(str(f) for f in Path(folder).iterdir() if re.fullmatch(r"df_order(_\d+)?\.csv", f.name))
    df = spark.read.csv(files, header=True, inferSchema=True)
    # One unreadable value and inferSchema makes the column a string, which a plain cast would stumble over.
    for column in ["gmv", "revenue", "voucher_val", "shipping_fee"]:
        df = df.withColumn(column, F.expr(f"try_cast({column} AS DOUBLE)"))
    df = df.withColumn("created_at", F.expr("try_cast(created_at AS TIMESTAMP)"))
    return (
        df.dropDuplicates(["order_id"])
        .filter(F.col("status").isin(SALES))
        .dropna(subset=["order_id", "buyer_id", "seller_id", "created_at", "gmv"])
        .fillna(0, subset=["voucher_val", "revenue"])
    )


def buyer_features(orders, today):
    return orders.groupBy("buyer_id").agg(
        F.count("order_id").alias("count_orders"),
        F.sum("gmv").alias("total_gmv"),
        F.sum("revenue").alias("total_revenue"),
        F.avg("gmv").alias("avg_order_value"),
        F.sum("voucher_val").alias("voucher_value"),
        F.countDistinct("seller_id").alias("unique_sellers"),
        F.datediff(F.lit(today), F.max("created_at")).alias("recency_days"),
    )


def seller_features(orders, today):
    return orders.groupBy("seller_id").agg(
        F.count("order_id").alias("count_orders"),
        F.sum("gmv").alias("total_gmv"),
        F.sum("revenue").alias("total_revenue"),
        F.avg("gmv").alias("avg_order_value"),
        F.countDistinct("buyer_id").alias("unique_buyers"),
        F.sum("voucher_val").alias("total_vouchers"),
        F.datediff(F.lit(today), F.max("created_at")).alias("recency_days"),
    )


def segment(df, columns):
    assembled = VectorAssembler(inputCols=columns, outputCol="raw_features").transform(df)
    scaler = StandardScaler(inputCol="raw_features", outputCol="features", withMean=True, withStd=True)
    scaled = scaler.fit(assembled).transform(assembled).cache()
    evaluator = ClusteringEvaluator(featuresCol="features", predictionCol="segment")
    best_score, best_k, best = -1.0, None, None
    for k in range(2, 11):
        predictions = KMeans(k=k, seed=42, predictionCol="segment").fit(scaled).transform(scaled)
        score = evaluator.evaluate(predictions)
        print(f"  k={k}: silhouette {score:.4f}")
        if score > best_score:
            best_score, best_k, best = score, k, predictions
    print(f"  best k={best_k}")
    return best.drop("raw_features", "features")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", required=True, help="folder with df_order*.csv")
    parser.add_argument("--out", required=True, help="folder for the Delta tables")
    args = parser.parse_args()
    started = time.time()

    spark = SparkSession.builder.appName("naive-segmentation").getOrCreate()

    read_orders(spark, args.input).write.format("delta").mode("overwrite").save(f"{args.out}/orders")
    orders = spark.read.format("delta").load(f"{args.out}/orders")
    today = orders.agg(F.max("created_at")).first()[0].date()
    print(f"orders written: {orders.count()} rows, {time.time() - started:.1f} s")

    for entity, build, columns in [
        ("buyer", buyer_features, BUYER_FEATURES),
        ("seller", seller_features, SELLER_FEATURES),
    ]:
        build(orders, today).write.format("delta").mode("overwrite").save(f"{args.out}/{entity}_features")
        features = spark.read.format("delta").load(f"{args.out}/{entity}_features")
        print(f"{entity} features written, {time.time() - started:.1f} s")
        result = segment(features, columns)
        result.write.format("delta").mode("overwrite").save(f"{args.out}/{entity}_segments")
        result.groupBy("segment").agg(F.count("*"), *[F.avg(c) for c in columns]).orderBy("segment").show()
        print(f"{entity} segments written, {time.time() - started:.1f} s")

    spark.stop()


if __name__ == "__main__":
    main()
