"""Options of the command line, the same for every job: they win over the config."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NoReturn, get_args

from segmentation.config import STAGES
from segmentation.entities import ENTITIES
from segmentation.errors import InputError
from segmentation.i18n.text import LANGS
from segmentation.logs import LogFormat

EMPTY = re.compile(r"--[a-z-]+=")
AddOptions = Callable[[argparse.ArgumentParser], None]


class _Parser(argparse.ArgumentParser):
    """argparse that raises its sentence instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"options: {message}; --help lists them all")


def parse_options(
    argv: Sequence[str], description: str, add_options: AddOptions | None = None
) -> tuple[str, dict[str, Any]]:
    """The config's path, and what the options put over the config (None or () where not given)."""
    parser = _Parser(description=description, allow_abbrev=False)
    parser.add_argument("--config", metavar="FILE", required=True, help="the config, e.g. conf/local.yml")
    parser.add_argument("--source", metavar="FILE", help="how raw files become tables, e.g. conf/sources/padi.yml")
    parser.add_argument("--input", metavar="DIR", help="where the raw files are")
    parser.add_argument("--lake", metavar="PLACE", help="a path, or CATALOG.SCHEMA, for the Delta tables")
    parser.add_argument("--output", metavar="DIR", help="where the report, its charts and exports go")
    parser.add_argument("--as-of", metavar="YYYY-MM-DD", type=_day, help="default: the day of the last order")
    parser.add_argument("--entity", dest="entities", action="append", choices=list(ENTITIES), help="repeatable")
    parser.add_argument("--stage", dest="stages", action="append", choices=STAGES, help="repeatable; default: all")
    parser.add_argument("--lang", choices=LANGS, help="language of names and report")
    parser.add_argument("--log-format", choices=get_args(LogFormat), help="lines for people, or JSON; default: text")
    parser.add_argument("--verbose", action="store_true", default=None, help="tracebacks for errors")
    if add_options:
        add_options(parser)
    options = vars(parser.parse_args(_given(argv)))
    return options.pop("config"), {
        key: tuple(value) if isinstance(value, list) else value for key, value in options.items()
    }


def add_model(parser: argparse.ArgumentParser) -> None:
    """What jobs take that put everyone where a published model does, and fit none."""
    parser.add_argument("--model", metavar="RUN_ID", help="of this published run; default: of the last one")
    parser.set_defaults(refit="never")


def early_log_options(argv: Sequence[str]) -> tuple[dict[str, Any], str | None]:
    """`log_format` and `verbose` where they are given, and the config's path, of options that may be wrong."""
    parser = _Parser(allow_abbrev=False, add_help=False)
    for option in ("--log-format", "--config"):
        parser.add_argument(option, nargs="?")  # without its value it is refused later
    parser.add_argument("--verbose", action="store_true")
    options, _ = parser.parse_known_args(_given(argv))
    asked = {"log_format": options.log_format, "verbose": options.verbose}
    return {key: value for key, value in asked.items() if value in (*get_args(LogFormat), True)}, options.config


def _given(argv: Sequence[str]) -> list[str]:
    """Without the options whose value is empty: a scheduler hands on a parameter that way where it is not set."""
    given: list[str] = []
    for word in argv:
        if not word and given and given[-1].startswith("--"):
            given.pop()
        elif not EMPTY.fullmatch(word):
            given.append(word)
    return given


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a day as YYYY-MM-DD") from None
