"""The service model of CloudWatch, as it ships with botocore: operations and shapes, as data."""

import gzip
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

_FILE: Final = ("data", "cloudwatch", "2010-08-01", "service-2.json.gz")

VERSION: Final = "2010-08-01"


@cache
def operations() -> dict[str, Any]:
    """Every operation of the API, by its name."""
    found: dict[str, Any] = _model()["operations"]
    return found


def input_shape(operation: str) -> str | None:
    """The name of the shape of an operation's request; None where it takes nothing."""
    name: str | None = operations()[operation].get("input", {}).get("shape")
    return name


def output_shape(operation: str) -> str | None:
    """The name of the shape of an operation's answer; None where it answers nothing."""
    name: str | None = operations()[operation].get("output", {}).get("shape")
    return name


def result_wrapper(operation: str) -> str | None:
    """The element around an answer in XML."""
    name: str | None = operations()[operation].get("output", {}).get("resultWrapper")
    return name


def shape(name: str) -> dict[str, Any]:
    """A shape by its name."""
    found: dict[str, Any] = _model()["shapes"][name]
    return found


def metadata(name: str) -> str:
    """What the model says about the API as a whole, e.g. its `targetPrefix`."""
    found: str = _model()["metadata"][name]
    return found


@cache
def _model() -> dict[str, Any]:
    # The file is read as data: importing botocore would cost far more time than reading it.
    spec = importlib.util.find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent.joinpath(*_FILE)
    model: dict[str, Any] = orjson.loads(gzip.decompress(path.read_bytes()))
    for each in (*model["shapes"].values(), *model["operations"].values()):
        each.pop("documentation", None)  # most of the model, and of no use here
        for member in each.get("members", {}).values():
            member.pop("documentation", None)
    return model
