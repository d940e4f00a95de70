"""Package of the segmentation jobs. Pinned environments are made by scripts/setup.sh, not from here."""

from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

SPARK = ["pyspark[connect]==4.2.0", "delta-spark==4.4.0"]
MLFLOW = ["mlflow-skinny>=3", "alembic>=1.13", "SQLAlchemy>=2"]  # the latter two for a local database


class BuildWithTexts(build_py):
    """The package with the names and advice of conf/segments, which a checkout reads where they lie."""

    def run(self) -> None:
        super().run()
        texts = Path(self.build_lib) / "segmentation" / "story" / "segments"
        texts.mkdir(exist_ok=True)
        for path in sorted(Path("conf/segments").rglob("*.yml")):
            copy = texts / path.relative_to("conf/segments")
            copy.parent.mkdir(exist_ok=True)
            self.copy_file(str(path), str(copy))


setup(
    cmdclass={"build_py": BuildWithTexts},
    name="segmentation",
    version="0.1.0",
    description="Buyer and seller segments from marketplace orders, with PySpark and Delta Lake",
    python_requires=">=3.10",
    packages=find_packages(include=["segmentation", "segmentation.*"]),
    package_data={"segmentation": [f"**/*.{end}" for end in ("yml", "yaml", "html", "css", "json", "j2", "mplstyle")]},
    # Without pyspark and delta-spark: on Databricks they are there, and installing them stops the session.
    install_requires=[
        "Babel>=2.17",
        "filelock>=4.1",
        "Jinja2>=3.1",
        "matplotlib>=3.8",
        "numpy>=1.26",
        "pandas>=2.2,<3",
        "pyarrow>=18",  # PySpark hands frames to pandas by it, and does not require it
        "pydantic>=2.5",
        "PyYAML>=6",
        "scikit-learn>=1.4",
        "scipy>=1.11",
    ],
    extras_require={
        "local": SPARK,
        "mlflow": MLFLOW,
        "test": [
            *SPARK,
            *MLFLOW,
            "chispa>=0.11",
            "databricks-bundles>=1.0",
            "deltalake>=1.0",
            "duckdb>=1.1",
            "hypothesis>=6",
            "ipykernel>=6",
            "nbclient>=0.8",
            "nbformat>=5",
            "pytest>=8,<9.2",
            "pytest-xdist>=3.6",
        ],
    },
)
