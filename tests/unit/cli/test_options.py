"""Options of the command line."""

from __future__ import annotations

import argparse
from datetime import date

import pytest

from segmentation.cli.options import parse_options
from segmentation.errors import InputError


def test_what_is_given_is_typed_and_what_is_not_is_none() -> None:
    path, options = parse_options(
        ["--config", "c.yml", "--as-of", "2024-02-29", "--stage", "ingest", "--stage", "report", "--entity", "buyers"],
        "job",
    )
    assert path == "c.yml"
    assert {key: value for key, value in options.items() if value is not None} == {
        "as_of": date(2024, 2, 29), "stages": ("ingest", "report"), "entities": ("buyers",),
    }  # fmt: skip


@pytest.mark.parametrize("empty", [["--as-of=", "--lang=", "--stage="], ["--as-of", "", "--lang", "", "--stage", ""]])
def test_an_empty_value_is_none(empty: list[str]) -> None:
    path, options = parse_options(["--config=c.yml", *empty, "--source=", "--lake=main.gold"], "job")
    assert path == "c.yml"
    assert {key: value for key, value in options.items() if value is not None} == {"lake": "main.gold"}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "--config"),
        (["--config="], "--config"),
        (["--config", "c", "--as-of", "31-01-2024"], "found '31-01-2024', expected a day as YYYY-MM-DD"),
        (["--config", "c", "--stage", "reports"], "reports"),
        (["--config", "c", "--nosuch"], "--nosuch"),
        (["--config", "c", "--lan", "en"], "--lan"),
    ],
)
def test_a_mistake_is_one_sentence(argv: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_options(argv, "job")


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(["--help"], "job")
    shown = capsys.readouterr().out
    for option in ("--config", "--source", "--input", "--lake", "--output", "--as-of", "--entity", "--stage", "--lang"):
        assert option in shown


def test_a_job_may_take_options_of_its_own() -> None:
    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--separator")

    _, options = parse_options(["--config", "c", "--separator", ";"], "job", add)
    assert options["separator"] == ";"
    with pytest.raises(InputError, match="--separator"):
        parse_options(["--config", "c", "--separator", ";"], "job")
