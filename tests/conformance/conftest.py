"""Where the conformance tests run: Pannier in memory and on disk, or any endpoint.

pytest tests/conformance                                  two servers of our own
pytest tests/conformance --endpoint http://127.0.0.1:9000 another engine
pytest tests/conformance --endpoint https://dynamodb.us-east-1.amazonaws.com
"""

from collections.abc import Iterator

import pytest

from tests.conformance.api import Api
from tests.conftest import serving


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--endpoint", metavar="URL", help="run tests/conformance against this one")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "endpoint" in metafunc.fixturenames:
        given = metafunc.config.getoption("endpoint", default=None)
        places = [given] if given else ["memory", "disk"]
        metafunc.parametrize("endpoint", places, indirect=True, scope="session")


@pytest.fixture(scope="session")
def endpoint(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the endpoint under test."""
    if "://" in request.param:
        yield request.param
        return
    folder = str(tmp_path_factory.mktemp("database") / "db")
    options = ["--memory"] if request.param == "memory" else ["--path", folder]
    with serving(*options) as (url, _):
        yield url


@pytest.fixture(scope="session")
def connected(endpoint: str) -> Iterator[Api]:
    """The endpoint under test, connected once: clients take longer to make than most tests."""
    api = Api(endpoint)
    yield api
    api.close()


@pytest.fixture
def api(connected: Api) -> Iterator[Api]:
    """The endpoint under test; tables made with it are deleted at the end."""
    yield connected
    connected.drop_tables()
