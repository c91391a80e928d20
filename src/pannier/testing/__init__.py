"""For the tests of those whose code must survive throttling, leftovers and faults.

```python
from pannier.testing import ManualClock, Pannier

with Pannier(throttle="on", burst_s=0, clock=ManualClock()) as pannier:
    table = pannier.table("shop", write_units=5)
    load(pannier.client("dynamodb"), "shop")  # the code under test
    assert len(table) == 100
```

docs/testing.md has recipes. Everything is loaded when it is first used: pytest loads the plugin,
and so this package, in every run.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pannier.clock import ManualClock
    from pannier.testing.aws_requests import RefusedRequestError
    from pannier.testing.pannier import Pannier
    from pannier.testing.tables import Table

_PLACES = {
    "ManualClock": "pannier.clock",
    "Pannier": "pannier.testing.pannier",
    "RefusedRequestError": "pannier.testing.aws_requests",
    "Table": "pannier.testing.tables",
}

__all__ = ["ManualClock", "Pannier", "RefusedRequestError", "Table"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module 'pannier.testing' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(place), name)
