"""A page for each command, made of its own parser: what `--help` says, option by option."""

import argparse
import re
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Final

from pannier.cli.main import _COMMANDS

FOLDER: Final = "commands"
_EXAMPLES: Final = "examples:\n"
_DOCUMENT: Final = re.compile(r"\bdocs/([\w/-]+\.md)")
_MARKUP: Final = re.compile(r"([*_<>\[\]|])")
_USAGE_COLUMNS: Final = 90


def command_pages() -> dict[str, str]:
    """The Markdown of every command's page, by its path among the documents."""
    return {f"{FOLDER}/{name}.md": page(name, parser) for name, parser in parsers().items()}


def summaries() -> str:
    """The Markdown of a table of all commands."""
    rows = (f"| [`{name}`]({name}.md) | {_text(said)} |" for name, (_, said) in _COMMANDS.items())
    return "\n".join(["| command | |", "|---|---|", *rows])


def parsers() -> Mapping[str, argparse.ArgumentParser]:
    """The parser of every command, as `pannier` itself makes it."""
    commands = argparse.ArgumentParser(prog="pannier").add_subparsers()
    for name, (module, summary) in _COMMANDS.items():
        import_module(f"pannier.cli.{module}").register(commands, name, summary)
    return commands.choices


def page(name: str, parser: argparse.ArgumentParser) -> str:
    """The Markdown of one command's page."""
    parts = [f"# pannier {name}", _text(parser.description or ""), *_usage(parser)]
    for group in parser._action_groups:  # noqa: SLF001  # argparse has no public list
        shown = [each for each in group._group_actions if _is_shown(each)]  # noqa: SLF001
        if shown:
            title = (group.title or "").removeprefix("positional ")
            parts += [f"## {title.capitalize()}", _text(group.description or "")]
            parts += [part for each in shown for part in _option(parser, each)]
    for action, acting in _actions(parser).items():
        parts += [f"## pannier {name} {action}", _text(acting.description or ""), *_usage(acting)]
        shown = [each for each in acting._actions if _is_shown(each)]  # noqa: SLF001
        parts += [part for each in shown for part in _option(acting, each, f"{action}-")]
    parts += _epilog(parser.epilog or "")
    return "\n\n".join(part for part in parts if part) + "\n"


def _actions(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """What a command does, where it does several things: each has options of its own."""
    for each in parser._actions:  # noqa: SLF001
        if isinstance(each, argparse._SubParsersAction):  # noqa: SLF001
            found: Mapping[str, argparse.ArgumentParser] = each.choices
            return found
    return {}


def _is_shown(action: argparse.Action) -> bool:
    if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # has sections of its own
        return False
    return action.help != argparse.SUPPRESS and "--help" not in action.option_strings


def _usage(parser: argparse.ArgumentParser) -> Iterator[str]:
    parser.formatter_class = partial(argparse.RawDescriptionHelpFormatter, width=_USAGE_COLUMNS)
    vars(parser)["color"] = False  # Python 3.14 would color what it thinks goes to a terminal
    prefix = "usage: "
    lines = parser.format_usage().removeprefix(prefix).rstrip().splitlines()
    shown = [line.removeprefix(" " * len(prefix)) for line in lines]
    yield "\n".join(["```text", *shown, "```"])


def _option(
    parser: argparse.ArgumentParser, action: argparse.Action, before: str = ""
) -> Iterator[str]:
    """A heading to which one can link, and what the option is for.

    Args:
        parser: whose option it is.
        action: the option.
        before: stands in front of its anchor.
    """
    formatter: Any = parser._get_formatter()  # noqa: SLF001  # it fills in %(default)s
    spelled = formatter._format_action_invocation(action)  # noqa: SLF001
    anchor = max(action.option_strings, key=len, default=action.dest).strip("-")
    yield f"### `{spelled}` {{ #{before}{anchor} }}"
    said = " ".join(formatter._expand_help(action).split()) if action.help else ""  # noqa: SLF001
    yield " ".join(part for part in (_sentence(said), *_facts(action, said)) if part)


def _facts(action: argparse.Action, said: str) -> Iterator[str]:
    """What the parser knows and the help does not say."""
    if action.choices is not None and not all(str(each) in said for each in action.choices):
        yield f"One of {', '.join(f'`{each}`' for each in action.choices)}."
    is_default_known = action.default in (None, True, False, [], argparse.SUPPRESS)
    if not is_default_known and "default" not in said:
        yield f"Default: `{action.default}`."
    is_repeated = type(action).__name__ == "_AppendAction"
    if is_repeated and "several times" not in said and "repeated" not in said:
        yield "May be given several times."


def _epilog(text: str) -> Iterator[str]:
    _, _, examples = text.partition(_EXAMPLES)
    examples, _, rest = examples.partition("\n\n")
    if examples:
        lines = (line.removeprefix("  ") for line in examples.rstrip().splitlines())
        yield "## Examples"
        yield "```text\n" + "\n".join(lines) + "\n```"
    for part in rest.strip().split("\n\n"):
        if "\n  " in part:
            yield f"```text\n{part}\n```"
        else:
            yield _DOCUMENT.sub(r"[\1](../\1)", _text(" ".join(part.split())))


def _sentence(text: str) -> str:
    if not text:
        return ""
    return _text(text) + ("" if text.endswith(".") else ".")


def _text(said: str) -> str:
    """Words of the help as Markdown: what is not in backticks is no markup."""
    parts = said.split("`")
    parts[::2] = [_MARKUP.sub(r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)
