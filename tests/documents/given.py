"""What a reader has by then: folders, tables and servers that a document takes for granted.

A document says it by name, `<!-- given: the shop -->`; what the names mean is said here.
"""

import shutil
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import orjson

from pannier.engine.database import Database
from tests.cli.running import good
from tests.conftest import EXAMPLES, TABLE
from tests.documents.running import Run
from tests.publishing.small_collector import collecting

_PROGRAM = """
import time
import boto3


def load(count):
    client = boto3.client("dynamodb")
    items = ({"PK": {"S": str(n)}, "SK": {"S": "-"}} for n in range(count))
    waiting = {"items": [{"PutRequest": {"Item": item}} for item in items]}
    while waiting:
        try:
            waiting = client.batch_write_item(RequestItems=waiting)["UnprocessedItems"]
        except client.exceptions.ProvisionedThroughputExceededException:
            time.sleep(0.2)
"""


def _the_shop(run: Run, shop: Path) -> None:
    """A table `shop` with 400 items and an index, and files of items and keys."""
    shutil.copytree(shop, run.folder, dirs_exist_ok=True)


def _an_empty_shop(run: Run, _: Path) -> None:
    """A table `shop` with the keys PK and SK."""
    good(run.folder, "create-table", "shop", "--key", "PK:S,SK:S")


def _the_examples(run: Run, _: Path) -> None:
    """The folder `examples` of a checkout."""
    ignored = shutil.ignore_patterns("__pycache__", ".pannier*", ".pytest_cache")
    shutil.copytree(EXAMPLES, run.folder / "examples", ignore=ignored)


def _the_chapters_files(run: Run, _: Path) -> None:
    """The files of the workshop chapter, beside which one works."""
    shutil.copytree(EXAMPLES / "workshop", run.folder, dirs_exist_ok=True)


def _a_server(run: Run, _: Path) -> None:
    """A server; Python finds it in the environment, and so do commands that are marked `served`."""
    run.serve("--memory")
    run.set_environment("AWS_ENDPOINT_URL", run.url)
    run.replace("http://127.0.0.1:8000", run.url)


def _the_folder_served(run: Run, _: Path) -> None:
    """A server of this folder's database, which the environment names."""
    run.serve("--clock", "manual")
    run.set_environment("AWS_ENDPOINT_URL", run.url)
    run.everywhere["AWS_ENDPOINT_URL"] = run.url
    run.replace("http://127.0.0.1:8000", run.url)


def _a_collector(run: Run, _: Path) -> None:
    """What takes metrics: of OpenTelemetry, and as a push gateway."""
    collector = run.kept.enter_context(collecting())
    for port in (4318, 9091):
        run.replace(f"http://localhost:{port}", collector.url)


def _a_database(run: Run, _: Path) -> None:
    """In Python `database`, with a table `orders`, and a function that writes ten items into it."""
    database = run.kept.enter_context(Database.in_memory())
    table = {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    database.execute("CreateTable", orjson.dumps(table))

    def load_everything() -> None:
        puts = [{"PutRequest": {"Item": {"PK": {"S": str(n)}}}} for n in range(10)]
        database.execute("BatchWriteItem", orjson.dumps({"RequestItems": {"orders": puts}}))

    run.names |= {"database": database, "load_everything": load_everything}


def _items_in_python(run: Run, _: Path) -> None:
    """In Python `items` and `keys` of the table `shop`, and `frame`, a data frame."""
    import pandas

    items = [{"PK": f"USER#{n}", "SK": "head", "price": n} for n in range(60)]
    keys = [{"PK": each["PK"], "SK": each["SK"]} for each in items]
    run.names |= {"items": items, "keys": keys, "frame": pandas.DataFrame(items)}


def _the_chapters_items(run: Run, _: Path) -> None:
    """The chapter's table in this folder, and `items` and `keys` for it as the API has them."""
    good(run.folder, "create-table", TABLE, "--key", "PK:S,SK:S")
    found = [{"PK": {"S": f"PRODUCT#{n}"}, "SK": {"S": "DETAILS"}} for n in range(40)]
    run.names |= {"items": [{"PutRequest": {"Item": each}} for each in found], "keys": found}


def _a_spark_session(run: Run, _: Path) -> None:
    """In Python `spark`; what the document calls a bucket is a folder of this run."""
    from tests.spark.session import started

    # Of `mapInArrow`, whose batches pandas never sees; the test's own filters end with it.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
    run.names["spark"] = started(run.set_environment)
    bucket = run.folder / "my-bucket"
    bucket.mkdir()
    run.replace("s3://my-bucket", bucket.as_uri())


def _my_program(run: Run, _: Path) -> None:
    """`my_program`, which writes so many items with boto3 in one batch, for as long as it takes."""
    (run.folder / "my_program.py").write_text(_PROGRAM)


GIVEN: Mapping[str, Callable[[Run, Path], None]] = {
    "the shop": _the_shop,
    "an empty shop": _an_empty_shop,
    "the examples": _the_examples,
    "the chapter's files": _the_chapters_files,
    "a server": _a_server,
    "the folder served": _the_folder_served,
    "a collector": _a_collector,
    "a database": _a_database,
    "items in Python": _items_in_python,
    "the chapter's items": _the_chapters_items,
    "a Spark session": _a_spark_session,
    "my program": _my_program,
}
