"""The front door: what `connect` takes, and the names that the package shows."""

import subprocess
import sys
import threading
from typing import ClassVar

import pytest

import pannier
from pannier.errors import UserError
from pannier.library.connecting import connect, connect_async, to_target
from pannier.targets.botocore_client import BotocoreTarget
from tests.batch.fake_service import FakeService
from tests.batch.virtual_time import run


class Client:
    """Looks like a client of botocore."""

    class meta:  # noqa: N801  # as botocore has it
        endpoint_url = "http://example.test"
        method_to_api_mapping: ClassVar[dict[str, str]] = {}

    def batch_write_item(self) -> None:
        raise NotImplementedError


def test_a_name_is_resolved() -> None:
    with connect("memory") as db:
        assert db.target.name.startswith("memory")


def test_no_name_is_the_one_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANNIER_TARGET", "memory")
    with connect() as db:
        assert db.target.name.startswith("memory")


def test_a_target_is_taken_as_it_is_and_closed_with_the_connection() -> None:
    target = FakeService()
    with connect(target) as db:
        assert db.target is target
        assert not target.closed
    assert target.closed


def test_a_client_of_botocore_is_wrapped() -> None:
    assert isinstance(to_target(Client()), BotocoreTarget)


@pytest.mark.parametrize("given", [5, object(), ["memory"]])
def test_anything_else_is_an_error_that_says_what_to_give(given: object) -> None:
    with pytest.raises(UserError, match="is no target") as caught:
        connect(given)
    assert "boto3" in caught.value.advice


def test_a_target_that_does_not_exist_is_an_error_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with pytest.raises(UserError, match="there is no target"):
        connect("nowhere")
    assert threading.active_count() == before


def test_the_asynchronous_door() -> None:
    async def use() -> None:
        target = FakeService()
        async with connect_async(target) as db:
            assert db.target is target
        assert target.closed

    run(use())


def test_every_public_name_is_there() -> None:
    for name in pannier.__all__:
        assert getattr(pannier, name) is not None
    assert pannier.connect is connect


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Conection'"):
        _ = pannier.Conection


def test_importing_the_package_is_quick_because_it_loads_nothing() -> None:
    program = (
        "import sys, pannier; sys.exit('httptools' in sys.modules or 'botocore' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
