"""What mypyc is told of classes that it compiles. Uncompiled, it means nothing.

`@mypyc_attr(acyclic=True)`: its objects are never part of a cycle, so the garbage collector need
not know them. For what is made once an item: the collector would look through thousands of them,
and then through all that the program holds, because so many are new.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(**_):  # noqa: ANN003, ANN201  # mypy reads the one above
        """Leave a class as it is."""
        return lambda kind: kind


__all__ = ["mypyc_attr"]
