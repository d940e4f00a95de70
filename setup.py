"""Package of the segmentation jobs. Pinned environments are made by scripts/setup.sh, not from here."""

from setuptools import find_packages, setup

SPARK = ["pyspark[connect]==4.2.0", "delta-spark==4.4.0"]

setup(
    name="segmentation",
    version="0.1.0",
    description="Buyer and seller segments from marketplace orders, with PySpark and Delta Lake",
    python_requires=">=3.10",
    packages=find_packages(include=["segmentation", "segmentation.*"]),
    package_data={
        "segmentation": [f"**/*.{end}" for end in ("yml", "yaml", "html", "css", "json", "j2", "mplstyle")]
    },
    # Without pyspark and delta-spark: on Databricks they are there, and installing them stops the session.
    install_requires=[
        "Jinja2>=3.1",
        "matplotlib>=3.8",
        "numpy>=1.26",
        "pandas>=2.2,<3",
        "pydantic>=2.5",
        "PyYAML>=6",
        "scikit-learn>=1.4",
    ],
    extras_require={
        "local": SPARK,
        "test": [*SPARK, "chispa>=0.11", "deltalake>=1.0", "duckdb>=1.1", "hypothesis>=6", "pytest>=8"],
    },
)
