"""Each test of this folder runs once for each server; a server is started once."""

import os
from collections.abc import Iterator

import pytest

import pannier
from benchmarks.installs import UnavailableError
from pannier import Connection
from tests.foreign.endpoints import ENDPOINTS, Endpoint
from tests.foreign.shop import create


@pytest.fixture(scope="session", params=ENDPOINTS)
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """One of the servers."""
    return ENDPOINTS[request.param]


@pytest.fixture(scope="session")
def url(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where it answers. On a CI machine a server that can't be had is an error.

    One that is there and does not start is an error everywhere.
    """
    try:
        place = endpoint.installed()
    except UnavailableError as error:
        reason = f"{endpoint.peer.name}: {error}. Install {endpoint.install}."
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with endpoint.started(place, tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def db(url: str) -> Iterator[Connection]:
    """A connection, and a fresh table for the test."""
    with pannier.connect(url) as connection, create(connection):
        yield connection
