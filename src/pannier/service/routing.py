"""Which handler a request goes to, by the beginning of its path.

The API's own requests all go to `/`; whatever else is served at the same port has a prefix.
"""

from collections.abc import Mapping
from typing import Final

from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest

_ROOT: Final = b"/"


class Router:
    """Hands requests on.

    Args:
        root: gets the requests for which there is no other.
        prefixes: the others, by the first part of the path, e.g. `/_pannier`.
    """

    def __init__(self, root: Handler, prefixes: Mapping[bytes, Handler]) -> None:
        self._root = root
        self._prefixes = dict(prefixes)

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Hand a request on."""
        if request.target != _ROOT:
            handler = self._prefixes.get(first_part(request.target))
            if handler is not None:
                handler(request, respond)
                return
        self._root(request, respond)


def first_part(target: bytes) -> bytes:
    """The first part of a target's path, with the slash in front, e.g. `/_pannier`; or `/`."""
    if target == _ROOT:
        return _ROOT
    first = target.partition(b"?")[0].split(b"/", 2)[1:2]
    return _ROOT + first[0] if first else _ROOT
