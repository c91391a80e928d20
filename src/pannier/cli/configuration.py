"""Settings that need not be typed: `pannier.toml`, then the environment, then the options.

What stands later is stronger. The file is `./pannier.toml`, or the one that `PANNIER_CONFIG` names:

    target = "aws"            # for every command that has the option
    parallel = 16
    write_units = "50%"

    [write]                   # for one command, stronger than the above
    every_write = true
    publish = ["cloudwatch:Loads", "prometheus:load.prom"]

In the environment the names have `PANNIER_` in front: `PANNIER_PARALLEL=16`. Settings become
options in front of those that were typed, so they are checked by the same code, and typed ones win.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pannier.errors import UserError

FILE: Final = "pannier.toml"
_FILE_VARIABLE: Final = "PANNIER_CONFIG"
_PREFIX: Final = "PANNIER_"
# What stands for every command, by the names of options.
SHARED: Final = (
    "target", "parallel", "give_up_after", "write_units", "read_units", "fail_fast", "report",
    "publish", "failures", "consistent", "output", "prices",
)  # fmt: skip
# A target in the file is weaker than these, which `targets.resolve` looks at.
_TARGET_VARIABLES: Final = ("PANNIER_TARGET", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that was not typed.

    Attributes:
        name: of the option, with underscores.
        value: text, number, truth value, or a list of texts.
        origin: where it stands, in words.
        command: the only command it is for; None for all that have the option.
    """

    name: str
    value: Any
    origin: str
    command: str | None = None

    @property
    def option(self) -> str:
        """The option as it is typed."""
        return "--" + self.name.replace("_", "-")

    @property
    def arguments(self) -> list[str]:
        """The option and its value, as they would be typed."""
        if self.value is True:
            return [self.option]
        if self.value is False:
            return []
        values = self.value if isinstance(self.value, list) else [self.value]
        return [f"{self.option}={each}" for each in values]


def settings(
    commands: Collection[str], environment: Mapping[str, str] = os.environ
) -> list[Setting]:
    """All settings, the weakest first.

    Args:
        commands: the names of commands, which may have a table in the file.
        environment: of the process.

    Raises:
        UserError: the file can't be read, or says what no setting is.
    """
    named = environment.get(_FILE_VARIABLE)
    path = Path(named or FILE)
    in_file = list(_of_file(path, commands)) if named or path.is_file() else []
    in_environment = [
        Setting(name, _flag(environment[_PREFIX + name.upper()]), f"{_PREFIX}{name.upper()}")
        for name in SHARED
        if name != "target" and environment.get(_PREFIX + name.upper())
    ]
    if any(environment.get(name) for name in _TARGET_VARIABLES):
        in_file = [each for each in in_file if each.name != "target"]
    general = [each for each in in_file if each.command is None]
    special = [each for each in in_file if each.command is not None]
    return [*general, *special, *in_environment]


def arguments_of(
    command: str, options: Collection[str], known: Collection[Setting]
) -> Iterator[str]:
    """The settings of a command as options.

    Args:
        command: its name.
        options: the options that it has.
        known: all settings.

    Raises:
        UserError: a setting for this command that is no option of it.
    """
    for setting in known:
        if setting.command not in (None, command):
            continue
        if setting.option in options:
            yield from setting.arguments
        elif setting.command is not None:
            raise UserError(
                f"{setting.origin}: pannier {command} has no option {setting.option}",
                f"Its options: pannier {command} --help",
            )


def _of_file(path: Path, commands: Collection[str]) -> Iterator[Setting]:
    import tomllib  # most have no such file

    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise UserError(
            f"{path} can't be read: {error.strerror}", f"{_FILE_VARIABLE} names it."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} is no TOML: {error}", 'Write lines such as parallel = 16 or target = "aws".'
        ) from None
    for name, value in content.items():
        if isinstance(value, dict):
            if name not in commands:
                raise UserError(
                    f"{path} has settings for [{name}], which is no command",
                    "Commands: " + ", ".join(commands),
                )
            for inner, each in value.items():
                yield _setting(inner, each, f"{path}, [{name}]", name)
        else:
            setting = _setting(name, value, str(path), None)
            if setting.name not in SHARED:
                raise UserError(
                    f"{path}: there is no setting {name} for all commands",
                    f"Those that there are: {', '.join(SHARED)}. Put others into a table of their "
                    "command, e.g. [write].",
                )
            yield setting


def _setting(name: str, value: Any, origin: str, command: str | None) -> Setting:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | int | float) for each in texts):
        raise UserError(
            f"{origin}: {name} can't be {value!r}",
            "Give a text, a number, true or false, or a list of texts.",
        )
    return Setting(name.replace("-", "_"), value, origin, command)


def _flag(text: str) -> Any:
    """Truth values by their names; everything else as it is."""
    return {"true": True, "false": False}.get(text.lower(), text)
