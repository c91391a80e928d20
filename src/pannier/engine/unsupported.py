"""Parameters of the API that this engine does not know yet.

To ignore one would be to answer something else than was asked, so they are refused by name.
"""

from collections.abc import Mapping
from typing import Any

from pannier.engine import messages
from pannier.errors import ValidationException


def refuse(request: Mapping[str, Any], *members: str) -> None:
    """Refuse a request that has one of these members.

    Raises:
        ValidationException: names the member, and what to use instead.
    """
    for member in members:
        if request.get(member) is not None:
            raise ValidationException(messages.unsupported(member, "use an expression instead"))
