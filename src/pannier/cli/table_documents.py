"""A file that defines tables, decoded: JSON, or YAML with CloudFormation's short forms.

YAML needs PyYAML, which is an extra. A short form is the long one in other words: `!Ref A` is
`{"Ref": "A"}`, `!Sub x` is `{"Fn::Sub": "x"}`, `!GetAtt a.b` is `{"Fn::GetAtt": ["a", "b"]}`.
"""

import json
from importlib import import_module
from typing import Any, Final

from pannier.errors import UserError
from pannier.files.opening import opened, path_of

_BYTES_MAX: Final = 16 * 1024 * 1024  # CloudFormation takes 1 MB
_WITHOUT_PREFIX: Final = ("Ref", "Condition")


def document_of(name: str) -> Any:
    """What a file says, as plain values.

    Args:
        name: a path, or `-` for standard input.

    Raises:
        UserError: it can't be read, or a library for it is missing.
    """
    with opened(name) as file:
        content = file.read(_BYTES_MAX + 1)
    shown = path_of(name)
    if len(content) > _BYTES_MAX:
        raise UserError(f"{shown} is larger than 16 MB, so it is no definition of tables")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{shown} is not UTF-8 text", "Save the file as UTF-8.") from None
    if text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise UserError(
                f"{shown}, line {error.lineno}, column {error.colno}: this is not JSON "
                f"({error.msg[0].lower()}{error.msg[1:]})"
            ) from None
        except RecursionError:
            raise UserError(f"{shown} is nested too deeply") from None
    return _of_yaml(text, shown)


def _of_yaml(text: str, shown: str) -> Any:
    try:
        yaml: Any = import_module("yaml")
    except ImportError:
        raise UserError(
            f"{shown} is YAML, which needs one more library",
            "Install it: pip install 'pannier[yaml]', or write the file as JSON.",
        ) from None

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        """Plain values, and nothing that a template could have carried out."""

    def short_form(loader: Any, tag: str, node: Any) -> Any:
        if isinstance(node, yaml.ScalarNode):
            value: Any = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        if tag == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}": value}

    Loader.add_multi_constructor("!", short_form)
    # A date is a text in a template.
    Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
    try:
        return yaml.load(text, Loader)  # it is a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise UserError(f"{shown}{place}: this is not YAML ({problem})") from None
    except RecursionError:
        raise UserError(f"{shown} is nested too deeply") from None
