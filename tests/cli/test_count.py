"""`pannier count`, in full and by a sample."""

import json
from pathlib import Path

import pytest

from pannier.library.connecting import connect
from tests.cli.running import good, refused


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with a table large enough to be estimated: some 40 MB."""
    folder = tmp_path_factory.mktemp("shop")
    good(folder, "create-table", "shop", "--key", "PK:S,SK:N", "--index", "GSI1=g:S")
    with connect(f"local:{folder / '.pannier'}") as db:
        items = (
            {"PK": f"{n // 3:x}", "SK": n, "status": n % 10, "filling": "x" * 1900}
            | ({"g": str(n % 7)} if n % 2 else {})
            for n in range(20_000)
        )
        db.write(items, "shop")
    return folder


def test_a_count_of_all_items_beside_what_describe_table_says(folder: Path) -> None:
    done = good(folder, "count", "shop")
    said = " ".join(done.out.split())
    assert said.startswith("counted 20,000 items DescribeTable 20,000 items; DynamoDB brings")
    assert "20,000 read: 20,000 found" in done.err


@pytest.mark.parametrize("segments", ["1", "9"])
def test_a_count_with_a_filter_and_of_an_index(folder: Path, segments: str) -> None:
    count = ("count", "shop", "--output", "json", "--report", "none", "--segments", segments)
    answer = json.loads(
        good(folder, *count, "--filter", "status < :n", "--values", '{":n": 3}').out
    )
    assert (answer["count"], answer["read"], answer["exact"]) == (6000, 20_000, True)
    assert answer["segments"] == int(segments)
    index = json.loads(good(folder, *count, "--index", "GSI1").out)
    assert (index["count"], index["described"]["items"]) == (10_000, 10_000)


def test_an_estimate_reads_a_part_and_says_how_far_off_it_may_be(folder: Path) -> None:
    done = good(folder, "count", "shop", "--estimate", "--output", "json", "--report", "none")
    answer = json.loads(done.out)
    low, high = answer["interval_95"]
    assert not answer["exact"]
    assert low < answer["count"] < high
    # Three times the interval: a test that fails one time in twenty is of no use.
    assert abs(answer["count"] - 20_000) < 1.5 * (high - low)
    assert answer["segments_counted"] == 100
    assert answer["read"] < 16_000
    words = " ".join(good(folder, "count", "shop", "--estimate").out.split())
    assert "with 95 % between" in words
    assert "drawn at random, were counted in full" in words


def test_a_dry_run_of_an_estimate_is_cheaper(folder: Path) -> None:
    plans = [
        json.loads(good(folder, "count", "shop", *more, "--dry-run", "--report", "json").out)
        for more in ((), ("--estimate",))
    ]
    assert plans[1]["read_units"] < 0.8 * plans[0]["read_units"]


def test_what_cant_be_counted_is_told(folder: Path) -> None:
    assert "there is no table nowhere" in refused(folder, "count", "nowhere")
    assert "Say what each :placeholder" in refused(folder, "count", "shop", "--filter", "a = :b")
    assert "no consistent reads" in refused(
        folder, "count", "shop", "--index", "GSI1", "--consistent"
    )
