"""The search on Spark: the same whatever the partitions, sane at the edges, as cheap as scikit-learn's best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sklearn.cluster import KMeans as BestOfTen
from sklearn.metrics import adjusted_rand_score

from segmentation.clustering import resampling, sweep
from segmentation.clustering.assign import score
from segmentation.clustering.centroids import Centroids
from segmentation.clustering.model import from_json
from segmentation.clustering.search import SearchResult, search
from segmentation.entities import BUYERS, Members
from segmentation.plans import EntityPlan, GatePlan
from tests.support.generators import Kind, planted

FEATURES = ["count_orders", "avg_order_value", "recency_days"]
SWEEP = {"k_max": 4, "seeds": 2}


def _plan(features: list[str] = FEATURES, **sweep: object) -> EntityPlan:
    return EntityPlan.model_validate({"features": {name: {} for name in features}, "sweep": {**SWEEP, **sweep}})


def _frame(spark: SparkSession, seen: pd.DataFrame) -> DataFrame:
    return spark.createDataFrame(seen[["buyer_id", *FEATURES, "total_gmv"]]).repartition(2)


def _search(features: DataFrame, plan: EntityPlan) -> SearchResult:
    return search(features, plan, BUYERS, lambda done, total: None)


def _rows(frame: DataFrame) -> list[tuple[object, ...]]:
    return sorted(tuple(row) for row in frame.collect())


@pytest.fixture(scope="module")
def groups() -> tuple[pd.DataFrame, np.ndarray]:
    """600 buyers in three groups, and which."""
    return planted(Kind(size=600, shares=(0.5, 0.4, 0.1)), seed=1)


@pytest.fixture(scope="module")
def found(spark: SparkSession, groups) -> SearchResult:
    """What the search finds of them."""
    return _search(_frame(spark, groups[0]), _plan())


def test_planted_groups_come_back_in_order_of_value(found, groups):
    seen, truth = groups
    assert (found.choice.verdict, found.choice.fit.k) == ("natural", 3)
    labels = found.segments.toPandas().set_index("buyer_id")["segment"][seen["buyer_id"]].to_numpy()
    assert adjusted_rand_score(truth, labels) >= 0.95
    worth = seen.groupby(labels)["total_gmv"].mean()
    assert list(worth.index) == [1, 2, 3]
    assert worth.is_monotonic_decreasing


def test_dice_are_asked_about_only_where_tiers_are_all_that_is_left(spark: SparkSession, groups):
    asked = []

    def by_dice() -> bool:
        asked.append("whether orders differ by more than chance")
        return False

    natural = search(_frame(spark, groups[0]), _plan(), BUYERS, lambda done, total: None, beyond_chance=by_dice)
    assert (natural.choice.verdict, asked) == ("natural", [])
    dice = np.random.default_rng(7)
    along = np.exp(np.outer(dice.uniform(0, 4, 200), np.ones(len(FEATURES) + 1))) * dice.lognormal(0, 0.2, (200, 4))
    range_ = pd.DataFrame(along, columns=[*FEATURES, "total_gmv"]).assign(buyer_id=[f"b{n}" for n in range(200)])
    assert _search(_frame(spark, range_), _plan(k_min=3)).choice.verdict == "tiers"
    none = search(_frame(spark, range_), _plan(k_min=3), BUYERS, lambda done, total: None, beyond_chance=by_dice)
    assert (none.choice.verdict, none.choice.fit, len(asked)) == ("none", None, 1)


def test_confidence_and_runner_up_by_distance(found):
    points = pd.DataFrame([(r["id"], r["point"]) for r in found.vectors.frame.collect()], columns=["id", "point"])
    said = found.segments.toPandas().set_index("buyer_id").loc[points["id"]]
    centres = np.array(found.model.centroids.centres)
    distances = np.linalg.norm(np.array(points["point"].tolist())[:, None] - centres[None], axis=2)
    nearest, second = np.sort(distances, axis=1)[:, :2].T
    assert said["segment"].to_numpy() == pytest.approx(distances.argsort(axis=1)[:, 0] + 1)
    assert said["runner_up"].to_numpy() == pytest.approx(distances.argsort(axis=1)[:, 1] + 1)
    assert said["confidence"].to_numpy() == pytest.approx(1 - nearest / second, abs=1e-9)
    assert said["confidence"].min() >= 0 and said["confidence"].max() <= 1


def test_the_cost_is_scikit_learns_best_of_ten(found):
    points = np.array([row["point"] for row in found.vectors.frame.select("point").collect()])
    best = BestOfTen(found.choice.fit.k, n_init=10, random_state=0).fit(points).inertia_
    assert found.choice.fit.wssse <= 1.01 * best


def test_the_silhouette_is_clustering_evaluators(found):
    labels = found.segments.withColumnRenamed("buyer_id", "id").withColumnRenamed("segment", "prediction")
    rows = found.vectors.frame.join(labels, on="id", how="inner").select("features", "prediction")
    assert found.choice.fit.silhouette == pytest.approx(ClusteringEvaluator().evaluate(rows), abs=1e-6)
    sizes = found.segments.groupBy("segment").count().toPandas()["count"]
    assert sorted(found.choice.fit.sizes) == sorted(sizes)


def test_the_published_centres_are_mllibs(found):
    fit = found.choice.fit
    means = KMeans(k=fit.k, seed=1, maxIter=20, tol=1e-3, solver="block").fit(found.vectors.frame.select("features"))
    assert np.sort(fit.centroids.centres, axis=0) == pytest.approx(np.sort(means.clusterCenters(), axis=0), abs=1e-9)


def test_where_mllib_ends_in_a_poor_optimum_another_start_is_published(spark: SparkSession, found, groups, monkeypatch):
    asked = []

    def halved(frame, method, k, seed, *_):
        asked.append((method, k, seed))
        return Centroids(tuple((float(i), 0.0, 0.0) for i in range(k)))

    monkeypatch.setattr(sweep, "fit_centroids", halved)
    again = _search(_frame(spark, groups[0]), _plan())
    assert asked == [("kmeans", 3, 1)]
    assert sorted(again.choice.fit.sizes) == sorted(found.choice.fit.sizes)
    assert again.choice.fit.wssse == pytest.approx(found.choice.fit.wssse, rel=1e-4)


def test_refits_say_the_same_on_the_driver_and_on_executors(spark: SparkSession, groups, monkeypatch):
    numbers = groups[0][FEATURES].to_numpy(float)[:120]
    points = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)

    def figures() -> tuple[object, object]:
        drafted = resampling.drafts(spark, points, [2, 3], 2, [[0], [1], [2]])
        centroids = {("kmeans", k): draft.centroids for k, draft in drafted.items()}
        return drafted, resampling.stabilities(spark, points, centroids, GatePlan())

    here = figures()
    monkeypatch.setattr(resampling, "FEW", 0)
    assert figures() == here


def test_partitions_and_order_of_rows_change_nothing(spark: SparkSession, found, groups):
    seen = groups[0]
    expected, sweep = _rows(found.segments), found.choice.rows()
    shuffled = seen.sample(frac=1, random_state=3)
    for frame in (_frame(spark, seen).repartition(1), _frame(spark, shuffled).repartition(7)):
        again = _search(frame, _plan())
        assert _rows(again.segments) == expected
        assert again.choice.rows() == sweep
        assert again.rules == found.rules


def test_a_stored_model_scores_as_the_search_did(spark: SparkSession, found, groups):
    model = from_json(found.model.as_json())
    scored = score(_frame(spark, groups[0]), model, "buyer_id")
    assert _rows(scored) == _rows(found.segments)


def test_a_forced_k_is_obeyed(spark: SparkSession, groups):
    forced = _search(_frame(spark, groups[0]), _plan(k=2, k_min=3, k_max=3))
    assert forced.choice.fit.k == 2
    assert {row["segment"] for row in forced.segments.select("segment").distinct().collect()} == {1, 2}
    assert {row["k"] for row in forced.choice.rows()} == {2, 3}


def test_other_methods_are_judged_in_the_same_table(spark: SparkSession, groups):
    plan = _plan(methods="auto", k_min=3, k_max=3)
    every = _search(_frame(spark, groups[0]), plan)
    assert [row["method"] for row in every.choice.rows()] == ["kmeans", "bisecting_kmeans", "gaussian_mixture"]
    assert every.choice.verdict == "natural"
    mixture = next(row for row in every.choice.rows() if row["method"] == "gaussian_mixture")
    assert mixture["wssse"] is None and mixture["stability"] > 0.9


def _buyers(spark: SparkSession, rows: list[tuple[float | None, ...]]) -> DataFrame:
    ddl = "buyer_id string, count_orders bigint, avg_order_value double, recency_days double, total_gmv double"
    return spark.createDataFrame([(f"b{i:04d}", *row) for i, row in enumerate(rows)], ddl)


def _some(count: int, seed: int = 0) -> list[tuple[float | None, ...]]:
    random = np.random.default_rng(seed)
    orders, values = random.integers(1, 50, count), random.lognormal(10, 1, count)
    days = random.integers(1, 300, count)
    return [(int(n), float(v), float(d), float(n * v)) for n, v, d in zip(orders, values, days, strict=True)]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "No segments: no feature varies. Everyone is in one."),
        (_some(1), "No segments: no feature varies. Everyone is in one."),
        ([_some(1)[0]] * 60, "No segments: no feature varies. Everyone is in one."),
        (_some(5), "No segments: 5 entities, fewer than the 30 needed. Everyone is in one."),
    ],
    ids=["none", "one", "all alike", "five"],
)
def test_too_few_are_one_segment_said_plainly(spark: SparkSession, rows, sentence):
    few = _search(_buyers(spark, rows), _plan())
    assert (few.choice.verdict, few.choice.sentence) == ("none", sentence)
    labels = _rows(few.segments)
    assert [row[1:] for row in labels] == [(1, None, None)] * len(rows)
    assert few.moves.count() == 0


def test_those_without_a_sale_are_segment_0(spark: SparkSession):
    rows = [*_some(3), (0, None, None, 0.0)]
    labels = _rows(_search(_buyers(spark, rows), _plan()).segments)
    assert [row[1] for row in labels] == [1, 1, 1, 0]


def test_fewer_different_entities_than_k(spark: SparkSession):
    rows = [(1, 10.0, 5.0, 10.0)] * 40 + [(90, 9000.0, 200.0, 810000.0)] * 40
    two = _search(_buyers(spark, rows), _plan())
    assert [row["reason"] for row in two.choice.rows() if row["k"] > 2] == [
        "not tried: only 2 different entities, fewer than k = 3",
        "not tried: only 2 different entities, fewer than k = 4",
    ]


def test_a_feature_that_nobody_knows_is_left_out_and_giants_do_no_harm(spark: SparkSession, groups):
    seen = groups[0].assign(avg_order_value=groups[0]["avg_order_value"].where(groups[0].index != 5, 1e15))
    frame = _frame(spark, seen).withColumn("age", F.lit(None).cast("int"))
    odd = _search(frame, _plan([*FEATURES, "age"], k_min=3, k_max=3))
    assert [(dropped.feature, dropped.reason) for dropped in odd.vectors.dropped] == [
        ("age", "age is unknown for everyone")
    ]
    assert odd.choice.verdict == "natural"


def test_values_at_1e15_are_told_apart(spark: SparkSession):
    rows = [(orders, 1e15 if giant else value, days, value)
            for giant in (False, True) for orders, value, days, _ in _some(60)]  # fmt: skip
    far = _search(_buyers(spark, rows), _plan(k=2, k_max=2))
    assert {scale.feature: scale.high for scale in far.vectors.scales}["avg_order_value"] == 1e15
    assert all(np.isfinite(row["silhouette"]) for row in far.choice.rows())
    assert far.segments.where("confidence IS NULL OR confidence < 0 OR confidence > 1").count() == 0


def test_texts_are_features_too(spark: SparkSession, groups):
    seen, truth = groups
    random = np.random.default_rng(5)
    likes = np.where(random.random(600) < 0.95, np.array(["cook", "kids", "sew"])[truth], "cook")
    frame = spark.createDataFrame(seen[["buyer_id", *FEATURES, "total_gmv"]].assign(likes=likes))
    mixed = _search(frame, _plan([*FEATURES, "likes"]))
    assert mixed.vectors.features == [*FEATURES, "likes = cook", "likes = kids", "likes = sew"]
    labels = mixed.segments.toPandas().set_index("buyer_id")["segment"][seen["buyer_id"]]
    assert mixed.choice.verdict == "natural"
    assert adjusted_rand_score(truth, labels) >= 0.95
    assert _rows(score(frame, from_json(mixed.model.as_json()), "buyer_id")) == _rows(mixed.segments)


def test_a_text_alone_outvotes_no_numbers(spark: SparkSession, groups):
    seen, truth = groups
    likes = np.random.default_rng(5).choice(["cook", "kids", "sew"], 600)
    frame = spark.createDataFrame(seen[["buyer_id", *FEATURES, "total_gmv"]].assign(likes=likes))
    mixed = _search(frame, _plan([*FEATURES, "likes"], k_min=3, k_max=3))
    labels = mixed.segments.toPandas().set_index("buyer_id")["segment"][seen["buyer_id"]]
    assert adjusted_rand_score(truth, labels) >= 0.95


def test_a_plan_with_more_weight_on_a_text_follows_it(spark: SparkSession, groups):
    seen, _ = groups
    likes = np.random.default_rng(5).choice(["cook", "kids", "sew"], 600)
    frame = spark.createDataFrame(seen[["buyer_id", *FEATURES, "total_gmv"]].assign(likes=likes))
    plan = _plan([*FEATURES, "likes"], k=3, k_min=3, k_max=3)
    heavy = replace_weight(plan, "likes", 10)
    labels = _search(frame, heavy).segments.toPandas().set_index("buyer_id")["segment"][seen["buyer_id"]]
    assert adjusted_rand_score(likes, labels) == 1.0


def replace_weight(plan: EntityPlan, feature: str, weight: float) -> EntityPlan:
    """The plan with another weight of one feature."""
    features = {**plan.features, feature: plan.features[feature].model_copy(update={"weight": weight})}
    return plan.model_copy(update={"features": features})


def test_without_orders_everyone_is_segmented_and_numbered_by_a_value_or_by_size(spark: SparkSession) -> None:
    random = np.random.default_rng(5)
    truth = np.repeat([0, 1], [280, 120])
    seen = pd.DataFrame({"buyer_id": [f"b{n:03}" for n in range(400)], "count_orders": 0})
    seen["age"] = random.normal(np.array([25.0, 60.0])[truth], 3)
    seen["fee"] = random.normal(np.array([20.0, 50.0])[truth], 2)
    seen.loc[::9, "age"] = None
    seen["member"] = truth == 0
    features = spark.createDataFrame(
        seen, "buyer_id string, count_orders bigint, age double, fee double, member boolean"
    )
    plan = EntityPlan.model_validate(
        {
            "features": {
                "age": {"transform": "auto", "change": "up"}, "fee": {"transform": "auto", "change": "up"},
                "member": {"transform": "auto"},
            },
            "sweep": {"k_max": 3},
        }
    )  # fmt: skip
    for value, first in (("fee", 1), (None, 0)):
        found = search(features, plan, BUYERS, lambda done, total: None, Members(value, everyone=True))
        labels = found.segments.toPandas().set_index("buyer_id")["segment"][seen["buyer_id"]].to_numpy()
        assert (found.choice.verdict, len(labels)) == ("natural", 400)
        assert adjusted_rand_score(truth, labels) > 0.95
        assert round(truth[labels == 1].mean()) == first  # the dearer, or the larger
        assert (found.moves.count() == 0) == (value is None)  # nobody moves up where nothing says which way is up
