"""The pytest plugin, in runs of pytest of its own."""

import subprocess
import sys

import pytest

from pannier.errors import UserError
from pannier.testing import Pannier

pytest_plugins = ["pytester"]

PASSING = """
KEY = {"PK": {"S": "a"}, "SK": {"S": "b"}}
"""


def passes(pytester: pytest.Pytester, source: str, count: int, *options: str) -> None:
    pytester.makepyfile(PASSING + source)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "--strict-markers", *options)
    result.assert_outcomes(passed=count)


def test_the_fixtures_are_one_database(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
def test_it(pannier, pannier_client, pannier_table, pannier_faults, pannier_clock):
    pannier_client.put_item(TableName=pannier_table.name, Item=KEY)
    assert pannier_table.name == "items"
    assert len(pannier_table) == 1
    assert pannier_table.items() == [{"PK": "a", "SK": "b"}]
    other = pannier_table("other", "id:N", write_units=5)
    other.put({"id": 7})
    assert pannier_client.list_tables()["TableNames"] == ["items", "other"]
    with pannier_faults({"error": "InternalServerError", "times": 1}) as tally:
        pannier_client.list_tables()
    assert tally.struck == 1
    assert pannier.clock is pannier_clock
""",
        1,
    )


def test_each_test_has_a_fresh_one(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_it(pannier_client, pannier_table, number):
    assert pannier_client.list_tables()["TableNames"] == []
    pannier_table.put({"PK": "a", "SK": "b"})
    assert len(pannier_table) == 1
""",
        3,
    )


def test_who_asks_for_the_clock_has_one_to_move(pytester: pytest.Pytester) -> None:
    """Any fixture of the test may ask; who does not goes by the machine's clock."""
    passes(
        pytester,
        """
import time
import pytest
from pannier.testing import ManualClock

def test_without(pannier):
    assert pannier.database.clock is time.time

def test_with(pannier, pannier_clock):
    now = pannier_clock()
    assert now % 60 == 0 and abs(now - time.time()) < 3600
    pannier.sleep(3600)
    assert pannier_clock() == now + 3600

@pytest.fixture
def indirectly(pannier_clock):
    return pannier_clock

def test_indirectly(pannier, indirectly):
    assert pannier.clock is indirectly

@pytest.mark.pannier(clock="manual")
def test_by_the_marker(pannier):
    pannier.clock.advance(1)

@pytest.mark.pannier(clock=ManualClock(1_000_000))
def test_by_a_clock_of_ones_own(pannier_clock):
    assert pannier_clock() == 1_000_000
""",
        5,
    )


def test_the_marker_of_the_test_has_the_last_word(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import pytest

pytestmark = pytest.mark.pannier(throttle="on", burst_s=0, seed=3)

def test_of_the_module(pannier):
    assert pannier.database.throttling.name == "on"
    assert pannier.database.faults.seed == 3

@pytest.mark.pannier(throttle="tables")
class TestOfTheClass:
    def test_class(self, pannier):
        assert pannier.database.throttling.name == "tables"
        assert pannier.database.throttling.burst_s == 0

    @pytest.mark.pannier(throttle="off", burst_s=7)
    def test_test(self, pannier):
        assert pannier.database.throttling.name == "off"
        assert pannier.database.throttling.burst_s == 7
""",
        3,
    )


def test_the_marker_sets_the_table_the_patch_and_the_folder(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import time
import pytest

@pytest.mark.pannier(table={"name": "shop", "key": "id:N", "write_units": 5})
def test_table(pannier_table, pannier_client):
    described = pannier_client.describe_table(TableName="shop")["Table"]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 5
    assert pannier_table.name == "shop"

@pytest.mark.pannier(clock="manual", patch={"sleep": True})
def test_patch(pannier_aws):
    began = pannier_aws.clock()
    time.sleep(3600)
    assert pannier_aws.clock() == began + 3600

@pytest.mark.pannier(path=True)
def test_folder(pannier, tmp_path, pannier_table):
    pannier_table.put({"PK": "a", "SK": "b"})
    assert pannier.database.folder.path == tmp_path / "pannier"
    assert any((tmp_path / "pannier").iterdir())
""",
        3,
    )


@pytest.mark.parametrize(("arguments", "wrong"), [("throttel='on'", "throttel"), ("'on'", "'on'")])
def test_a_misspelled_marker_is_explained(
    pytester: pytest.Pytester, arguments: str, wrong: str
) -> None:
    """A typing error must not mean a test without throttling."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.pannier({arguments})
        def test_it(pannier):
            pass
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*@pytest.mark.pannier can't have {wrong}; it takes*throttle*"])


def test_a_bad_setting_is_explained(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.pannier(throttle="yes")
        def test_it(pannier):
            pass
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*there is no throttling 'yes'*", "*Use on, off or tables*"])


def test_code_that_makes_its_own_clients_is_led_here(pytester: pytest.Pytester) -> None:
    """A module with a client of its own, made at import: nothing of it is changed."""
    pytester.makepyfile(
        shop="""
import boto3

client = boto3.client("dynamodb", region_name="eu-west-1")

def save(item):
    client.put_item(TableName="items", Item=item)
""",
        test_shop="""
import pytest
from pannier.testing import RefusedRequestError

def test_it(pannier_aws, pannier_table):
    from shop import save

    assert len(pannier_table) == 0
    save({"PK": {"S": "a"}, "SK": {"S": "b"}})
    assert len(pannier_table) == 1

def test_again(pannier_aws, pannier_table):
    from shop import save

    assert len(pannier_table) == 0
    save({"PK": {"S": "a"}, "SK": {"S": "b"}})
    assert len(pannier_table) == 1

def test_other_services(pannier_aws):
    import boto3

    with pytest.raises(RefusedRequestError):
        boto3.client("s3").list_buckets()
""",
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=3)


def test_a_program_of_any_language_gets_a_server(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import subprocess
import sys

PROGRAM = '''
import boto3
boto3.resource("dynamodb").Table("items").put_item(Item={"PK": "a", "SK": "b"})
'''

def test_it(pannier_server, pannier_table):
    assert pannier_server.url == pannier_server.environment["AWS_ENDPOINT_URL"]
    assert len(pannier_table) == 0
    subprocess.run([sys.executable, "-c", PROGRAM], env=pannier_server.environment, check=True)
    assert len(pannier_table) == 1
""",
        1,
    )


def test_unittest_and_asyncio(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        """
import asyncio
import unittest
import boto3
import pytest
from pannier.testing import Pannier

class WithTheContextManager(unittest.TestCase):
    def setUp(self):
        self.pannier = self.enterContext(Pannier())
        self.table = self.pannier.table()

    def test_it(self):
        self.pannier.client().put_item(TableName="items", Item=KEY)
        self.assertEqual(len(self.table), 1)

class WithTheFixture(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _pannier(self, pannier_table, pannier_client):
        self.table, self.client = pannier_table, pannier_client

    def test_it(self):
        self.assertEqual(len(self.table), 0)
        self.client.put_item(TableName="items", Item=KEY)

class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.pannier = self.enterContext(Pannier())
        self.pannier.table()

    async def test_it(self):
        client = self.pannier.client()
        await asyncio.to_thread(client.put_item, TableName="items", Item=KEY)
        self.assertEqual(client.scan(TableName="items")["Count"], 1)

def test_asyncio(pannier_client, pannier_table):
    async def work():
        await asyncio.to_thread(
            pannier_client.put_item, TableName=pannier_table.name, Item=KEY
        )
    asyncio.run(work())
    assert len(pannier_table) == 1
""",
        4,
    )


def test_many_processes_at_once(pytester: pytest.Pytester) -> None:
    """Under xdist each process has databases, servers and patches of its own."""
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        import boto3
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(pannier_aws, pannier_table, pannier_server, number):
            table = boto3.resource("dynamodb").Table(pannier_table.name)
            table.put_item(Item={"PK": "a", "SK": "b"})
            served = boto3.client("dynamodb", endpoint_url=pannier_server.url)
            assert served.scan(TableName=pannier_table.name)["Count"] == 1
        """
    )
    pytester.runpytest_subprocess("-n", "2", "-p", "no:cacheprovider").assert_outcomes(passed=8)


def test_it_costs_nothing_where_it_is_not_used(pytester: pytest.Pytester) -> None:
    """pytest loads it in every run of everybody who has Pannier installed."""
    pytester.makepyfile("def test_it(): pass")
    program = (
        "import sys, pytest\n"
        "status = pytest.main(['-q', '-p', 'no:cacheprovider'])\n"
        "assert 'pannier.testing.plugin' in sys.modules\n"
        "heavy = {'boto3', 'botocore', 'uvloop', 'orjson', 'httptools', 'pannier.engine',\n"
        "         'pannier.testing.pannier', 'pannier.errors'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))\n"
        "sys.exit(status)\n"
    )
    result = pytester.run(sys.executable, "-c", program)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["loaded: []"])


def test_pytest_shows_what_there_is(pytester: pytest.Pytester) -> None:
    """`pytest --fixtures` and `--markers` are where people look."""
    fixtures = pytester.runpytest("--fixtures", "-p", "no:cacheprovider")
    for name in ("", "_aws", "_client", "_clock", "_faults", "_server", "_table"):
        fixtures.stdout.fnmatch_lines([f"pannier{name} -- *plugin.py:*"])
    markers = pytester.runpytest("--markers", "-p", "no:cacheprovider")
    markers.stdout.fnmatch_lines(["@pytest.mark.pannier(throttle='off', *"])


def test_without_boto3_there_is_a_client_and_a_clear_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """boto3 is not among what Pannier needs; botocore is."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    with Pannier() as pannier:
        assert pannier.client().list_tables()["TableNames"] == []
        with pytest.raises(UserError, match="boto3 is not installed\nRun: pip install boto3"):
            pannier.resource()
        with pytest.raises(UserError, match="boto3 is not installed"):
            pannier.session()
        with pannier.patch():
            assert pannier.client().list_tables()["TableNames"] == []


def test_importing_the_package_loads_nothing() -> None:
    program = (
        "import sys, pannier.testing\n"
        "print(sorted({'boto3', 'botocore', 'orjson', 'pannier.errors'} & set(sys.modules)))\n"
        "print(pannier.testing.Pannier.__name__, pannier.testing.ManualClock.__name__)\n"
        "try:\n"
        "    pannier.testing.Nothing\n"
        "except AttributeError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == [
        "[]",
        "Pannier ManualClock",
        "module 'pannier.testing' has no attribute 'Nothing'",
    ]
