"""`ClientRequestToken`: a transaction sent again is not done again.

SDKs add a token to every TransactWriteItems and send the request again after a timeout, when
nobody knows whether the first one arrived. A counter must then not count twice, not even if the
server was restarted in between.
"""

from pathlib import Path
from typing import Any

import pytest

from pannier.engine.database import Database
from pannier.storage.rocks import RocksStore
from tests.engine.transact_asking import (
    Asked,
    Ticking,
    asked,
    check,
    delete,
    error,
    number,
    put,
    reasons,
    text,
    update,
)

ADD = update("counter", "ADD n :v", number(1))
LIFETIME_S = 600


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def db(clock: Ticking) -> Asked:
    return asked(Database.in_memory(clock=clock))


def counted(db: Asked) -> Any:
    item = db.item("counter")
    return item and item["n"]["N"]


def test_the_same_request_with_the_same_token_counts_once(db: Asked, clock: Ticking) -> None:
    for _ in range(3):
        assert db.write(ADD, ClientRequestToken="t") == {}
        clock.now_s += LIFETIME_S / 4
    assert counted(db) == "1"
    db.write(ADD, ClientRequestToken="another")
    db.write(ADD)
    assert counted(db) == "3"


def test_after_ten_minutes_the_token_is_new(db: Asked, clock: Ticking) -> None:
    db.write(ADD, ClientRequestToken="t")
    clock.now_s += LIFETIME_S - 0.001
    db.write(ADD, ClientRequestToken="t")
    assert counted(db) == "1", "one millisecond early"
    clock.now_s += 0.002
    db.write(ADD, ClientRequestToken="t")
    assert counted(db) == "2"
    clock.now_s += LIFETIME_S / 2
    db.write(ADD, ClientRequestToken="t")
    assert counted(db) == "2", "and it is known anew"


def test_the_same_token_with_other_actions_is_an_error(db: Asked, clock: Ticking) -> None:
    """The text is the service model's description; DynamoDB Local answers an empty one."""
    db.write(ADD, ClientRequestToken="t")
    before = db.stored()
    for other in ([update("counter", "ADD n :v", number(2))], [ADD, put("a")], [delete("counter")]):
        code, message = error(db.write(*other, ClientRequestToken="t"))
        assert code == "IdempotentParameterMismatchException"
        assert message.startswith("DynamoDB rejected the request because you retried a request")
    assert db.stored() == before
    clock.now_s += LIFETIME_S
    assert db.write(delete("counter"), ClientRequestToken="t") == {}


def test_neither_the_order_of_members_nor_what_is_shown_makes_another_request(db: Asked) -> None:
    """Seen on AWS: SDKs do not keep the order of members between two attempts."""
    db.write(ADD, ClientRequestToken="t")
    (content,) = ADD.values()
    turned = {"Update": dict(reversed(content.items()))}
    answer = db.write(turned, ClientRequestToken="t", ReturnConsumedCapacity="TOTAL")
    assert "__type" not in answer
    assert counted(db) == "1"


def test_a_transaction_that_failed_leaves_no_token(db: Asked) -> None:
    """So it may be sent again, with the same token, when its conditions have become true."""
    guarded = [ADD, check("gate", "attribute_exists(pk)")]
    assert reasons(db.write(*guarded, ClientRequestToken="t"))[0] is None
    db.write(put("gate"))
    assert db.write(*guarded, ClientRequestToken="t") == {}
    assert counted(db) == "1"


def test_a_repeated_request_is_not_held_against_the_items_again(db: Asked) -> None:
    once = put("a", ConditionExpression="attribute_not_exists(pk)")
    assert db.write(once, ClientRequestToken="t") == {}
    assert db.write(once, ClientRequestToken="t") == {}
    assert reasons(db.write(once, ClientRequestToken="u"))[0][0] == "ConditionalCheckFailed"


def test_a_repeated_request_costs_reads_of_the_items_the_first_one_met(db: Asked) -> None:
    """Captured: deleting 9 KB costs 18 write units, and 6 read units when it is repeated.

    Indexes are not read, and the level is the repeated request's own.
    """
    db.write(put("a", more={"x": text("y" * 9000), "g": text("1")}))
    actions = [delete("a"), put("b", "plain")]
    options = {"ClientRequestToken": "t", "ReturnConsumedCapacity": "TOTAL"}
    first = db.write(*actions, **options)["ConsumedCapacity"]
    assert [entry["WriteCapacityUnits"] for entry in first] == [18.0 + 9.0, 2.0]
    again = db.write(*actions, **{**options, "ReturnConsumedCapacity": "INDEXES"})
    two, six = ({"CapacityUnits": units, "ReadCapacityUnits": units} for units in (2.0, 6.0))
    assert again["ConsumedCapacity"] == [
        {"TableName": "orders", **six, "Table": six},
        {"TableName": "plain", **two, "Table": two},
    ]


def test_a_token_has_1_to_36_characters(db: Asked) -> None:
    assert "greater than or equal to 1" in error(db.write(ADD, ClientRequestToken=""))[1]
    assert "less than or equal to 36" in error(db.write(ADD, ClientRequestToken="x" * 37))[1]
    assert db.write(ADD, ClientRequestToken="ü/" * 18) == {}


def test_expired_tokens_are_removed(db: Asked, clock: Ticking) -> None:
    """At most a hundred at once, so that no request pays for a busy past."""
    for position in range(150):
        db.write(ADD, ClientRequestToken=str(position))
    clock.now_s += LIFETIME_S
    for left in (51, 2):
        db.write(ADD, ClientRequestToken=f"later {left}")
        assert (
            sum(b"token/" in stored and b"expiry" not in stored for stored, _ in db.stored())
            == left
        )
        assert sum(b"token-expiry/" in stored for stored, _ in db.stored()) == left


def test_a_token_used_anew_outlives_its_own_past(db: Asked, clock: Ticking) -> None:
    """Its old record may be removed later than the new one was written."""
    for position in range(150):
        db.write(ADD, ClientRequestToken=f"{position:03}")
    clock.now_s += LIFETIME_S
    db.write(ADD, ClientRequestToken="149")
    db.write(ADD, ClientRequestToken="x")
    before = counted(db)
    db.write(ADD, ClientRequestToken="149")
    assert counted(db) == before


def test_a_token_survives_a_restart(tmp_path: Path, clock: Ticking) -> None:
    with Database(RocksStore(tmp_path), clock=clock) as database:
        asked(database).write(ADD, ClientRequestToken="t")
    clock.now_s += 1
    with Database(RocksStore(tmp_path), clock=clock) as database:
        db = asked(database)
        assert db.write(ADD, ClientRequestToken="t") == {}
        assert counted(db) == "1"


def test_forgotten_tokens_are_not_looked_through_again(
    db: Asked, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was deleted costs a search as much as what is there, until RocksDB clears it away.

    Without that, a server that had answered 20,000 transactions took a hundred times as long.
    """
    for position in range(3):
        db.write(ADD, ClientRequestToken=f"{position}")
    forgotten = [stored for stored, _ in db.stored() if b"token-expiry/" in stored]
    clock.now_s += LIFETIME_S
    db.write(ADD, ClientRequestToken="forgets them")
    starts = []
    searched = db.database.store.range

    def noting(start: bytes, stop: bytes, *, reverse: bool = False) -> Any:
        if b"token-expiry/" in start:
            starts.append(start)
        return searched(start, stop, reverse=reverse)

    monkeypatch.setattr(db.database.store, "range", noting)
    db.write(ADD, ClientRequestToken="looks")
    assert len(starts) == 1
    assert starts[0] > max(forgotten)


def test_a_clock_that_went_back_leaves_no_token_behind(db: Asked, clock: Ticking) -> None:
    db.write(ADD, ClientRequestToken="t")
    clock.now_s += LIFETIME_S
    db.write(ADD, ClientRequestToken="forgets it")
    clock.now_s -= 2 * LIFETIME_S
    db.write(ADD, ClientRequestToken="earlier")
    clock.now_s += LIFETIME_S
    db.write(ADD, ClientRequestToken="forgets that")
    assert not any(b"/earlier" in stored for stored, _ in db.stored())
