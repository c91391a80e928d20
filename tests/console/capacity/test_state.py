from pannier.console.pages.capacity.state import Level, columns, heat_in_words, spendings


def bucket(limit: str, units: float, most: float, rate: float) -> dict[str, object]:
    return {"limit": limit, "units": units, "units_max": most, "units_per_s": rate}


def resource(**members: object) -> dict[str, object]:
    return {
        "table": "orders",
        "index": None,
        "read": [bucket("ProvisionedThroughput", 1500, 1500, 5)],
        "write": [bucket("ProvisionedThroughput", 1200, 1500, 5)],
        "partitions": [{"first_hash": 0, "read_units_left": 3000, "write_units_left": 250}],
        **members,
    }


def test_a_table_is_what_the_server_says_of_it() -> None:
    (table,) = spendings([resource()])
    assert (table.name, table.billing()) == ("orders", "5 read, 5 write")
    assert table.lowest("write").share == 0.8
    assert table.lowest("write").words == "1,200 of 1,500"
    assert table.partitions == {"read": (0.0,), "write": (0.75,)}


def test_an_index_is_named_with_its_table() -> None:
    (index,) = spendings([resource(index="GSI1")])
    assert (index.name, index.index) == ("orders / GSI1", "GSI1")


def test_on_demand_the_bucket_that_throttles_first_is_shown() -> None:
    write = [bucket("KeyRangeThroughput", 0, 4000, 4000), bucket("AccountLimit", 40, 40, 40)]
    read = [bucket("KeyRangeThroughput", 9, 9, 9)]
    (table,) = spendings([resource(write=write, read=read)])
    assert table.billing() == "on demand"
    assert table.lowest("write").limit == "KeyRangeThroughput"


def test_a_debt_is_called_one() -> None:
    level = Level("ProvisionedThroughput", -120, 300, 1)
    assert (level.words, level.share) == ("debt of 120", 0.0)


def test_a_partition_in_debt_is_full_and_no_more() -> None:
    parts = [{"first_hash": 0, "read_units_left": 3000, "write_units_left": -400}]
    assert spendings([resource(partitions=parts)])[0].partitions["write"] == (1.0,)


def test_where_partitions_share_a_column_the_fullest_is_shown() -> None:
    shares = [0.0] * 200
    shares[137] = 0.9
    found = columns(shares, 64)
    assert len(found) == 64
    assert sorted(found)[-2:] == [0.0, 0.9]
    assert columns([0.1, 0.2], 64) == [0.1, 0.2]


def test_heat_is_said_in_words() -> None:
    assert heat_in_words([0.0], "read") == "1 partition, at rest"
    assert heat_in_words([0.5, 0.0], "write") == (
        "2 partitions, the busiest has used 50% of its 1,000 write units of this second"
    )
    assert "under 1%" in heat_in_words([0.004], "write")
    assert heat_in_words([1.0, 1.0, 0.2], "read").endswith("; 2 at the limit")
