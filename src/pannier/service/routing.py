"""Which handler a request goes to, by the beginning of its path.

The API's own requests all go to `/`; whatever else is served at the same port has a prefix.
"""

from collections.abc import Mapping
from typing import Final

from pannier.service.http import Handler, Respond
from pannier.service.http_messages import HttpRequest

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
            first = request.target.partition(b"?")[0].split(b"/", 2)[1:2]
            handler = self._prefixes.get(_ROOT + first[0]) if first else None
            if handler is not None:
                handler(request, respond)
                return
        self._root(request, respond)
