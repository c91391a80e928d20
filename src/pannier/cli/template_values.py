"""What a value in a CloudFormation template comes to, as far as that is known before deployment.

Known are parameters with a default or with a value from the command line, mappings, conditions, and
the functions that work on these: Ref, Sub, Join, Select, Split, FindInMap, If (CloudFormation
Template Reference, "Intrinsic functions"). Attributes of resources and exports of other stacks are
known only to CloudFormation.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from pannier.errors import UserError

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_NO_VALUE: Final = "AWS::NoValue"
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_STORED: Final = "AWS::SSM::Parameter::"  # the default of such a parameter is only its name
_TRUE: Final = {"true": True, "false": False}


class Unknown(Exception):  # noqa: N818  # no fault: whoever asks decides what it means
    """A value that is not known; says why, and what would help."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice or "Write the value itself into the template."


class Nothing:
    """What `AWS::NoValue` comes to: as if the property were not there."""


NOTHING: Final = Nothing()


class TemplateValues:
    """The values of one template.

    Args:
        template: the whole document.
        given: values of parameters from the command line; they are stronger than defaults.

    Raises:
        UserError: a value is given for a parameter that is not there.
    """

    def __init__(self, template: Mapping[str, Any], given: Mapping[str, str]) -> None:
        self._parameters = _section(template, "Parameters")
        self._mappings = _section(template, "Mappings")
        self._conditions = _section(template, "Conditions")
        self._given = given
        for name in given:
            if name not in self._parameters and not name.startswith("AWS::"):
                raise UserError(
                    f"--parameter {name}: the template has no such parameter",
                    "It has: " + (", ".join(self._parameters) or "none"),
                )

    def value(self, value: Any) -> Any:
        """What a value comes to; `NOTHING` if it is to be left out.

        Raises:
            Unknown: only CloudFormation knows.
        """
        if isinstance(value, list):
            return [each for each in map(self.value, value) if each is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, content),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._called(name, content)
        members = {name: self.value(each) for name, each in value.items()}
        return {name: each for name, each in members.items() if each is not NOTHING}

    def holds(self, name: str) -> bool:
        """Whether a condition holds.

        Raises:
            Unknown: only CloudFormation knows.
        """
        if name not in self._conditions:
            raise Unknown(f"there is no condition {name}")
        return self._is_true(self._conditions[name])

    def _called(self, name: str, content: Any) -> Any:
        try:
            match name, content:
                case "Ref", str():
                    return self._parameter(content)
                case "Fn::Sub", str():
                    return self._substituted(content, {})
                case "Fn::Sub", [str() as text, dict() as names]:
                    return self._substituted(text, names)
                case "Fn::Join", [str() as between, parts]:
                    return between.join(str(each) for each in self.value(parts))
                case "Fn::Split", [str() as between, text]:
                    return str(self.value(text)).split(between)
                case "Fn::Select", [place, values]:
                    return self.value(values)[int(self.value(place))]
                case "Fn::FindInMap", [mapping, first, second, *_]:
                    place = [self.value(each) for each in (mapping, first, second)]
                    return self._mappings[place[0]][place[1]][place[2]]
                case "Fn::If", [str() as condition, then, otherwise]:
                    return self.value(then if self.holds(condition) else otherwise)
        except (IndexError, KeyError, TypeError, ValueError, RecursionError):
            raise Unknown(f"{_short({name: content})} has no value") from None
        raise Unknown(f"only CloudFormation knows the value of {_short({name: content})}")

    def _parameter(self, name: str) -> Any:
        if name == _NO_VALUE:
            return NOTHING
        if name in self._given:
            return self._listed(name, self._given[name])
        if name in _PSEUDO:
            return _PSEUDO[name]
        advice = f"Give it: --parameter {name}=VALUE"
        if name.startswith("AWS::"):
            raise Unknown(f"{name} is known only where the template is deployed", advice)
        definition = self._parameters.get(name)
        if not isinstance(definition, dict):
            raise Unknown(f"{name} is a resource, which only CloudFormation makes")
        kind = str(definition.get("Type", ""))
        if "Default" not in definition or kind.startswith(_STORED):
            raise Unknown(f"the parameter {name} has no default", advice)
        return self._listed(name, definition["Default"])

    def _listed(self, name: str, value: Any) -> Any:
        kind = str(self._parameters.get(name, {}).get("Type", ""))
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            return [each.strip() for each in str(value).split(",")]
        return value

    def _substituted(self, text: str, names: Mapping[str, Any]) -> str:
        def one(found: re.Match[str]) -> str:
            name = found[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in names:
                return str(self.value(names[name]))
            if "." in name:
                raise Unknown(f"only CloudFormation knows the value of {found[0]} in {text!r}")
            return str(self._parameter(name))

        return _VARIABLE.sub(one, text)

    def _is_true(self, condition: Any) -> bool:
        match condition:
            case {"Condition": str() as name}:
                return self.holds(name)
            case {"Fn::Equals": [one, other]}:
                return _text(self.value(one)) == _text(self.value(other))
            case {"Fn::Not": [one]}:
                return not self._is_true(one)
            case {"Fn::And": list() as all_of}:
                return all(self._is_true(each) for each in all_of)
            case {"Fn::Or": list() as any_of}:
                return any(self._is_true(each) for each in any_of)
        raise Unknown(f"the condition {_short(condition)} can't be decided")


def _section(template: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = template.get(name)
    return section if isinstance(section, dict) else {}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


def typed(value: Any, name: str = "") -> Any:
    """A value with numbers and booleans as such: templates may have them as texts.

    Args:
        value: of a property.
        name: the property's.
    """
    if isinstance(value, dict):
        return {member: typed(each, member) for member, each in value.items()}
    if isinstance(value, list):
        return [typed(each) for each in value]
    if isinstance(value, str):
        if name.endswith("Enabled"):
            return _TRUE.get(value.lower(), value)
        if name.endswith(("Units", "UnitsPerSecond", "Capacity", "Days")) and value.isdigit():
            return int(value)
    return value
