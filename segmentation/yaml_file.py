"""YAML files into typed, frozen models; mistakes as sentences. The only room that knows yaml."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from segmentation.errors import InputError

M = TypeVar("M", bound=BaseModel)


def load_model(path: str, model: type[M]) -> M:
    """One YAML file as a frozen model; a mistake is one sentence with file, key, found and expected."""
    return validated(model, read_yaml(path), path)


class _Loader(yaml.SafeLoader):
    """safe_load that refuses a key written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"found the key {key!r} twice, expected it once", node.start_mark
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: str) -> dict[str, Any]:
    """The keys and values of a YAML file; no file, no YAML or no keys is an InputError."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: found no such file, expected a YAML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}), expected a YAML file in UTF-8") from None
    try:
        values = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InputError(f"{path}{line}: {error.problem}; expected YAML") from None
    except (yaml.YAMLError, ValueError) as error:  # a control character; a date such as 2024-02-30
        raise InputError(f"{path}: found what is no YAML ({' '.join(str(error).split())}), expected YAML") from None
    if not isinstance(values, dict):
        raise InputError(f"{path}: found {type(values).__name__}, expected keys and values")
    return values


def validated(model: type[M], values: Mapping[str, Any], path: str) -> M:
    """Values as a model; the first mistake is one sentence with file, key, found and expected."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        sentences = [_sentence(path, model, dict(problem)) for problem in error.errors(include_url=False)]
        more = f" ({len(sentences) - 1} more like it)" if len(sentences) > 1 else ""
        raise InputError(sentences[0] + more) from None


def _sentence(path: str, model: type[BaseModel], problem: dict[str, Any]) -> str:
    """One mistake as: file: key: what was found, what is expected."""
    key = ".".join(str(part) for part in problem["loc"])
    where = f"{path}: {key}: " if key else f"{path}: "
    found = problem["input"]
    if problem["type"] == "extra_forbidden":
        known = _fields_at(model, problem["loc"][:-1])
        near = get_close_matches(str(problem["loc"][-1]), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
        return f"{where}found an unknown key, {hint}"
    if problem["type"] == "missing":
        return f"{where}found nothing, expected a value"
    if problem["type"] == "too_short" and not found:
        return f"{where}found none, expected at least one"
    if problem["type"] == "value_error":
        return where + str(problem["ctx"]["error"])
    said = problem["msg"].removeprefix("Input should be ")
    shown = repr(found) if isinstance(found, str | int | float | bool) else type(found).__name__
    return f"{where}found {shown}, expected {said}"


def _fields_at(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Names of the fields of the model that `path` leads to (best effort: [] where it leads through a union)."""
    here: Any = model
    for part in path:
        field = here.model_fields.get(part) if _is_model(here) else None
        here = field.annotation if field else _value_type(here)
        if here is None:
            return []
    return list(here.model_fields) if _is_model(here) else []


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _value_type(annotation: Any) -> Any:
    """What a dict or a tuple holds."""
    inner = [_strip(arg) for arg in get_args(annotation) if arg is not Ellipsis]
    return inner[-1] if inner else None


def _strip(annotation: Any) -> Any:
    """The type inside Annotated[…]."""
    return get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
