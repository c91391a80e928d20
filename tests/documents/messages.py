"""The texts in the source, `...` for what is filled in, as docs/troubleshooting.md has them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pannier

SOURCE = Path(pannier.__file__).parent
HOLE = "..."
_FORMATTED = re.compile(r"\{\w*\}")  # what `str.format` fills in
_ROOT_OF_ERRORS = "UserError"


@cache
def texts() -> frozenset[str]:
    """Every text in the source, those of f-strings and sums as a whole."""
    return frozenset(text for path in _modules() for text in _texts(_tree(path)))


def raised(*places: str) -> frozenset[str]:
    """The messages of the errors for users that modules or packages make."""
    found = set()
    for path in _modules():
        if any(path.is_relative_to(SOURCE / place) for place in places):
            found |= set(_messages(_tree(path)))
    return frozenset(text for text in found if re.search(r"\w", text.replace(HOLE, "")))


def _messages(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) in _user_errors():
            yield _text(node.args[0])


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            yield _text(node)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return _FORMATTED.sub(HOLE, str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.FormattedValue):
        node = node.value
    if isinstance(node, ast.Name):
        return _constants().get(node.id, HOLE)
    return HOLE


@cache
def _constants() -> dict[str, str]:
    """Texts that have a name of their own, such as the beginnings of messages."""
    return {
        node.target.id: node.value.value
        for path in _modules()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id.isupper()
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


@cache
def _user_errors() -> frozenset[str]:
    """The names of the errors for users: the root, and what is derived from it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for path in _modules()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
    }
    found = {_ROOT_OF_ERRORS}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return frozenset(found)


@cache
def _modules() -> tuple[Path, ...]:
    return tuple(sorted(SOURCE.rglob("*.py")))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())
