"""A generator of the user's own, named as `module:function`."""

import importlib
import sys
from typing import Any

from pannier.errors import UserError
from pannier.generating.items import Maker


def load_maker(name: str) -> Maker:
    """The function that a name means; modules of the working folder are found too.

    Raises:
        UserError: there is no such module or function.
    """
    module_name, colon, function_name = name.partition(":")
    if not colon or not module_name or not function_name:
        raise UserError(f"{name!r} names no function", "Write it as MODULE:FUNCTION.")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever the user's module raises
        raise UserError(
            f"{module_name} can't be imported: {error}",
            "The module must be in this folder, or installed.",
        ) from error
    function: Any = getattr(module, function_name, None)
    if not callable(function):
        raise UserError(f"{module_name} has no function {function_name}")
    maker: Maker = function
    return maker
