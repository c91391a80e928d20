"""The pytest plugin: fixtures that give each test a fresh database.

| fixture | gives |
|---|---|
| `pannier` | a `Pannier`, new for each test |
| `pannier_client` | its client of botocore for DynamoDB |
| `pannier_table` | its default table `items`; called, it makes others |
| `pannier_faults` | its faults |
| `pannier_clock` | its manual clock; a test that asks for it has one |
| `pannier_server` | a real server for it: URL and environment |
| `pannier_aws` | the same `Pannier`, with every client of botocore led to it |

`@pytest.mark.pannier(...)` on a test, a class or a module changes how it is made.

pytest loads this module in every run of everybody who has Pannier installed, so it imports nothing
but what is loaded anyway.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from pannier.clock import ManualClock
    from pannier.testing.pannier import Faults, Pannier

_MARKER: Final = "pannier"
_MARKER_HELP: Final = (
    "pannier(throttle='off', burst_s=300, seed=0, clock='manual', path=None, table_delay_s=0, "
    "table={}, patch={}): how the fixture `pannier` is made; path=True is a folder of the test's "
    "own, `table` has arguments of the default table, `patch` those of `Pannier.patch`."
)
_OF_PANNIER: Final = ("throttle", "burst_s", "seed", "clock", "path", "table_delay_s")
_OF_OTHERS: Final = ("table", "patch")
_CLOCK_FIXTURE: Final = "pannier_clock"
_MINUTE_S: Final = 60


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", _MARKER_HELP)


class AwsEndpoint(NamedTuple):
    """A server for AWS's tools and SDKs.

    Attributes:
        url: where it answers.
        environment: a whole environment for subprocesses.
    """

    url: str
    environment: dict[str, str]


class TableMaker:
    """Makes tables; as long as it is not called, it is the default table itself."""

    def __init__(self, pannier: "Pannier", settings: Mapping[str, Any]) -> None:
        self._pannier = pannier
        self._settings = settings
        self._default: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make another table; the arguments are those of `Pannier.table`."""
        return self._pannier.table(*args, **kwargs)

    def __len__(self) -> int:
        """How many items the default table has."""
        return len(self.make())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.make(), name)

    def make(self) -> Any:
        """The default table, made now if it was not yet."""
        if self._default is None:
            self._default = self._pannier.table(**self._settings)
        return self._default


@pytest.fixture
def pannier(request: pytest.FixtureRequest) -> Iterator["Pannier"]:
    """A fresh database in memory, and all that a test wants of it: `pannier.testing.Pannier`."""
    from pannier.testing.pannier import Pannier

    given = _marked(request)
    settings = {name: given[name] for name in _OF_PANNIER if name in given}
    settings["clock"] = _clock(request, settings.get("clock"))
    if settings.get("path") is True:
        settings["path"] = request.getfixturevalue("tmp_path") / "pannier"
    with Pannier(**settings) as made:
        yield made


@pytest.fixture
def pannier_client(pannier: "Pannier") -> Any:
    """A client of botocore for DynamoDB that needs no socket."""
    return pannier.client("dynamodb")


@pytest.fixture
def pannier_table(pannier: "Pannier", request: pytest.FixtureRequest) -> TableMaker:
    """The table `items`, key `PK,SK`; called, it makes others.

    It is made when it is first used, so that a test that only makes others has no more than those;
    at once where a marker describes it, as then it is wanted.
    """
    settings = _marked(request).get("table")
    maker = TableMaker(pannier, settings or {})
    if settings is not None:
        maker.make()
    return maker


@pytest.fixture
def pannier_faults(pannier: "Pannier") -> "Faults":
    """Faults on demand: call it with rules, in a `with`."""
    return pannier.faults


@pytest.fixture
def pannier_clock(pannier: "Pannier") -> "ManualClock":
    """A clock that a test moves. It begins with the current minute; nothing waits."""
    return pannier.clock


@pytest.fixture
def pannier_server(pannier: "Pannier") -> AwsEndpoint:
    """A real server on loopback, for programs in any language."""
    return AwsEndpoint(pannier.url, pannier.environment())


@pytest.fixture
def pannier_aws(pannier: "Pannier", request: pytest.FixtureRequest) -> Iterator["Pannier"]:
    """The database that every client of botocore talks to during the test."""
    with pannier.patch(**_marked(request).get("patch", {})):
        yield pannier


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The arguments of all markers of a test; the nearest has the last word."""
    given: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(_MARKER))):
        unknown = [name for name in marker.kwargs if name not in (*_OF_PANNIER, *_OF_OTHERS)]
        if marker.args or unknown:
            wrong = ", ".join([*map(repr, marker.args), *unknown])
            known = ", ".join((*_OF_PANNIER, *_OF_OTHERS))
            raise pytest.UsageError(
                f"@pytest.mark.pannier can't have {wrong}; it takes, by name: {known}"
            )
        given.update(marker.kwargs)
    return given


def _clock(request: pytest.FixtureRequest, given: Any) -> Any:
    """The clock that a test wants: by its marker, or because it asks for one to move."""
    if given not in (None, "manual"):
        return given
    if given is None and _CLOCK_FIXTURE not in request.fixturenames:
        return None
    import time

    from pannier.clock import ManualClock

    # At the beginning of a minute, so that minutes of metrics are the same in every run.
    return ManualClock(time.time() // _MINUTE_S * _MINUTE_S)
