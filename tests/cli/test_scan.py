"""`pannier scan` and `pannier query`, as users meet them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import good, refused, run

COUNT = 600


def shop_item(number: int) -> dict[str, Any]:
    return {
        "PK": f"USER#{number % 20}",
        "SK": f"ORDER#{number:04}",
        "name": f"item {number}",
        "status": "open" if number % 3 else "done",
        "price": number % 100,
        "GSI1PK": "BOOKS" if number % 2 else "TOYS",
        "GSI1SK": str(number),
    }


ITEMS = [shop_item(number) for number in range(COUNT)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a local table."""
    folder = tmp_path_factory.mktemp("shop")
    good(folder, "create-table", "shop", "--key", "PK:S,SK:S", "--index", "GSI1=GSI1PK:S,GSI1SK:S")
    good(folder, "create-table", "empty", "--key", "PK:S")
    (folder / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in ITEMS))
    good(folder, "write", "items.jsonl", "--table", "shop", "--report", "none")
    return folder


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def by_key(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda each: each["SK"])


def test_a_scan_writes_dynamodb_json_lines_to_standard_output(folder: Path) -> None:
    done = good(folder, "scan", "shop")
    assert done.err.startswith("target: local (.pannier)\n")
    assert f"{COUNT} read: {COUNT} found" in done.err
    found = lines(done.out)
    assert sorted(each["SK"]["S"] for each in found) == [each["SK"] for each in ITEMS]


@pytest.mark.parametrize("segments", ["1", "3", "40"])
def test_segments_a_filter_values_and_a_projection_with_reserved_words(
    folder: Path, segments: str
) -> None:
    """`status` and `name` are reserved; as names they stand for themselves."""
    done = good(
        folder,
        *("scan", "shop", "--segments", segments, "--format", "plain"),
        *("--filter", "status = :s AND price < :low", "--values", '{":s": "done", ":low": 10}'),
        *("--project", "SK, status, name"),
    )
    expected = [
        {"SK": each["SK"], "status": "done", "name": each["name"]}
        for each in ITEMS
        if each["status"] == "done" and each["price"] < 10
    ]
    assert by_key(lines(done.out)) == expected
    assert f"{COUNT - len(expected)} skipped" in done.err


def test_values_may_be_dynamodb_json_and_stand_in_a_file(folder: Path) -> None:
    (folder / "values.json").write_text('{":n": {"N": "597"}, ":p": {"S": "item 5"}}')
    done = good(
        folder,
        *("scan", "shop", "--filter", "begins_with(#n, :p) AND price = :n"),
        *("--names", '{"#n": "name"}', "--values", '{":n": 97, ":p": "item 5"}'),
    )
    assert len(lines(done.out)) == 1
    text = '{":n": {"N": "97"}, ":p": {"S": "item 5"}}'
    (folder / "values.json").write_text(text)
    again = good(
        folder,
        *("scan", "shop", "--filter", "begins_with(name, :p) AND price = :n"),
        *("--values", "file://values.json"),
    )
    assert again.out == done.out


def test_a_query_in_both_directions_of_table_and_index(folder: Path) -> None:
    query = ("query", "shop", "--format", "plain", "--report", "none")
    values = ("--values", '{":pk": "USER#3", ":sk": "ORDER#01"}')
    key = ("--key", "PK = :pk AND begins_with(SK, :sk)")
    expected = [each for each in ITEMS if each["PK"] == "USER#3" and each["SK"][6:8] == "01"]
    assert lines(good(folder, *query, *key, *values).out) == expected
    backward = good(folder, *query, *key, *values, "--backward", "--limit", "2")
    assert lines(backward.out) == expected[:-3:-1]
    index = ("--index", "GSI1", "--key", "GSI1PK = :pk", "--values", '{":pk": "TOYS"}')
    assert len(lines(good(folder, *query, *index).out)) == COUNT // 2


@pytest.mark.parametrize("name", ["all.csv", "all.parquet", "all.arrow", "all.jsonl.gz", "out"])
def test_every_format_of_get_is_one_of_scan_and_goes_in_again(folder: Path, name: str) -> None:
    more = ("--format", "export") if name == "out" else ()
    good(folder, "scan", "shop", "--out", name, "--types-header", *more)
    good(folder, "create-table", f"copy-{name}", "--key", "PK:S,SK:S")
    good(folder, "write", name, "--table", f"copy-{name}", "--report", "none")
    copy = good(folder, "scan", f"copy-{name}", "--format", "plain")
    assert by_key(lines(copy.out)) == ITEMS


def test_a_sample_is_about_as_large_as_asked_for_and_comes_from_all_over_the_table(
    folder: Path,
) -> None:
    done = good(folder, "scan", "shop", "--sample", "60", "--format", "plain")
    found = lines(done.out)
    assert len(found) == 60
    assert len({each["PK"] for each in found}) > 2
    everything = good(folder, "scan", "shop", "--sample", "5000", "--report", "none")
    assert len(lines(everything.out)) == COUNT
    assert "don't go together" in refused(folder, "scan", "shop", "--sample", "5", "--limit", "5")


def test_a_sample_counts_what_is_read_not_what_the_filter_leaves(folder: Path) -> None:
    done = good(
        folder,
        *("scan", "shop", "--sample", "100", "--report", "json", "--parallel", "2"),
        *("--filter", "price >= :n", "--values", '{":n": 50}'),
    )
    report = json.loads(done.err.partition("\n")[2])
    assert 100 <= report["read"] < 160
    assert report["found"] < report["read"]


def test_an_empty_table_gives_nothing_and_no_error(folder: Path) -> None:
    done = good(folder, "scan", "empty", "--out", "nothing.jsonl")
    assert "0 read: nothing to do" in done.err
    assert (folder / "nothing.jsonl").read_text() == ""
    assert good(folder, "scan", "empty", "--sample", "10").out == ""


def test_a_dry_run_reads_nothing_and_names_what_it_assumes(folder: Path) -> None:
    done = good(folder, "scan", "shop", "--dry-run", "--consistent", "--out", "not.there")
    said = " ".join(done.out.split())
    assert f"it has {COUNT} items" in said
    assert "segments 1 pages about 1 read units about 11 cost" in said
    assert "assumes the figures of DescribeTable" in said
    assert not (folder / "not.there").exists()
    plan = json.loads(good(folder, "scan", "shop", "--dry-run", "--report", "json").out)
    truth = json.loads(
        good(folder, "scan", "shop", "--report", "json").err.partition("\n")[2],
    )
    assert plan["read_units"] == pytest.approx(truth["units"]["read"]["shop"], abs=0.5)
    assert plan["cost"]["on_demand"] == pytest.approx(truth["cost"]["on_demand"], rel=0.1)
    query = ("query", "shop", "--key", "PK = :pk", "--values", '{":pk": "USER#1"}', "--dry-run")
    assert "DescribeTable does not say how much" in " ".join(good(folder, *query).out.split())


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (("nowhere",), ("there is no table nowhere here", "pannier tables")),
        (("shop", "--index", "GSI2"), ("there is no index GSI2", "Its indexes: GSI1.")),
        (("empty", "--index", "GSI2"), ("It has no index at all",)),
        (("shop", "--index", "GSI1", "--consistent"), ("has no consistent reads",)),
        (("shop", "--filter", "price > 5"), ("Syntax error", "Values stand in --values")),
        (("shop", "--filter", "price > :low"), (":low", "Say what each :placeholder means")),
        (("shop", "--filter", "#n = price"), ("#n", "Say what each #placeholder means")),
        (("shop", "--filter", "set = price"), ("Syntax error", "--names")),
        (("shop", "--values", "{"), ("--values:", "Write an object of values")),
        (("shop", "--names", '{"#n": 5}'), ("--names takes names only",)),
        (("shop", "--read-units", "50%"), ("on demand", "--read-units 500")),
        (("shop", "--out", "a.parquet", "--resume"), ("its format is written at the end",)),
        (("shop", "--resume"), ("Name a file with --out",)),
        (("shop", "--out", "no/where.jsonl"), ("no/where.jsonl can't be written",)),
    ],
)
def test_what_cant_be_done_is_told_with_what_to_do(
    folder: Path, arguments: tuple[str, ...], texts: tuple[str, ...]
) -> None:
    said = refused(folder, "scan", *arguments)
    for text in texts:
        assert text in said


def test_a_query_needs_the_partition_key(folder: Path) -> None:
    query = ("query", "shop", "--key", "SK = :sk", "--values", '{":sk": "a"}')
    assert "--key needs the partition key" in refused(folder, *query)
    assert run(folder, "query", "shop").status == 2


@pytest.mark.parametrize("name", ["stopped.jsonl", "stopped.parquet"])
def test_a_scan_that_is_stopped_on_its_way_says_so(folder: Path, name: str) -> None:
    """Lines stay, with an error; a Parquet file is whole or not there."""
    (folder / "faults.toml").write_text(
        '[[rules]]\noperations = "Scan"\nskip = 30\nerror = "ResourceNotFoundException"\n'
    )
    target = "local?faults=faults.toml"
    options = ("--segments", "40", "--parallel", "1", "--out", name, "--target", target)
    done = run(folder, "scan", "shop", *options)
    assert done.status == 1
    assert "ResourceNotFound" in done.err
    if name.endswith(".jsonl"):
        assert 0 < len(lines((folder / name).read_text())) < COUNT, done.err
    else:
        assert f"{name} was not written: not all items were read" in done.err
        assert not (folder / name).exists()
