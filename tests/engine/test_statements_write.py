"""INSERT, UPDATE and DELETE: what they change, show and refuse.

Texts are those of DynamoDB Local 1.25.1 unless a test says otherwise.
"""

import pytest

from tests.engine.statement_asking import Asked, key

KEY = " WHERE pk = 'a' AND sk = 1"
CONDITION_FAILED = ("ConditionalCheckFailedException", "The conditional request failed")


@pytest.fixture
def songs() -> Asked:
    return Asked()


def update(songs: Asked, changes: str, *parameters, returning: str = "MODIFIED NEW"):
    """The one item that an update of (a, 1) shows, or None."""
    items = songs.items(f"UPDATE songs {changes}{KEY} RETURNING {returning} *", *parameters)
    return items[0] if items else None


def test_insert_makes_an_item_of_any_types(songs):
    item = """{'pk': 'c', 'sk': 1, 'm': {'l': [1, 'x', null, {'b': true}]}, 'ss': <<'x', 'y'>>,
               'n': -1.50e1, 'p': ?, 'e': {}}"""
    assert songs.run(f"INSERT INTO songs VALUE {item}", {"BS": ["AAE="]}) == {"Items": []}
    assert songs.item("c", 1) == {
        **key("c", 1),
        "m": {"M": {"l": {"L": [{"N": "1"}, {"S": "x"}, {"NULL": True},
                                {"M": {"b": {"BOOL": True}}}]}}},
        "ss": {"SS": ["x", "y"]},
        "n": {"N": "-15"},
        "p": {"BS": ["AAE="]},
        "e": {"M": {}},
    }  # fmt: skip


def test_insert_never_overwrites(songs):
    """That is what sets it apart from PutItem; programs use it as a lock."""
    before = songs.item("a", 1)
    insert = "INSERT INTO songs VALUE {'pk': 'a', 'sk': 1}"
    duplicate = ("DuplicateItemException", "Duplicate primary key exists in table")
    assert songs.error(insert) == duplicate
    assert songs.error(insert, ReturnValuesOnConditionCheckFailure="ALL_OLD") == duplicate
    assert songs.item("a", 1) == before


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("{'pk': 'd'}", "Key attribute should be present in the item: Key sk"),
        ("{}", "Key attribute should be present in the item: Key pk"),
        (
            "{'pk': 1, 'sk': 1}",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        (
            "{'pk': '', 'sk': 1}",
            (
                "One or more parameter values are not valid. "
                "The AttributeValue for a key attribute cannot contain an empty string value. "
                "Key: pk"
            ),
        ),
        (
            "{'pk': 'd', 'sk': 1, 'g': 1}",
            (
                "One or more parameter values were invalid: "
                "Type mismatch for Index Key g Expected: S Actual: N IndexName: by_g"
            ),
        ),
        (
            "{'pk': 'd', 'sk': 1e200}",
            (
                "Number overflow. "
                "Attempting to store a number with magnitude larger than supported range"
            ),
        ),
        ("{'pk': 'd', 'sk': 1, 'sk': 2}", "Duplicate keys in tuple. Key: sk under root at 1:46:4"),
        ("{'x': {'y': 1, 'y': 2}}", "Duplicate keys in tuple. Key: y under root at 1:31:1"),
        (
            "{pk: 'd'}",
            (
                "Tuple keys must be of type String. Actual type: VariableReference under root at "
                "1:26:2"
            ),
        ),
        (
            "{?: 'd'}",
            "Tuple keys must be of type String. Actual type: Parameter under root at 1:26:1",
        ),
        ("{'x': MISSING}", "Unsupported data type: MISSING under key root at 1:31:7"),
        ("{'x': n}", "Unsupported data type: n under key root at 1:31:1"),
        ("{'x': a.b}", "Unsupported data type: PATH under key root"),
        ("{'x': 1 + 1}", "Unsupported data type: + under key root at 1:33:1"),
        ("{'x': f(1)}", "Unsupported data type: f under key root at 1:31:1"),
        ("{'x': {'y': n}}", "Unsupported data type: VariableReference under key root.y at 1:37:1"),
        ("{'x': [1, n]}", "Unsupported data type: VariableReference under key root.1 at 1:35:1"),
        ("{'x': `5`}", "Ion Literals are not supported: INT under key root at 1:31:3"),
        ("{'x': <<>>}", "Empty bags are not supported at 1:31:2"),
        ("{'x': <<1, 1.0>>}", "Input collection contains duplicates"),
        (
            "{'x': <<1, 'a'>>}",
            (
                "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in "
                "bags"
            ),
        ),
        (
            "{'x': <<true>>}",
            (
                "Unsupported data type in Bag. DynamoDB only supports either numbers or strings "
                "in bags "
                "at 1:33:4"
            ),
        ),
        (
            "'x'",
            (
                "Unsupported format in item expression. Please use struct format {...} "
                "to express item values for insert statement. at 1:25:3"
            ),
        ),
        ("{'pk': 'd', 'sk': 1} RETURNING ALL OLD *", "RETURNING is not supported in INSERT"),
        ("{'pk': 'd', 'sk': 1} AT 1", "AT is not supported in insert statements. at 1:1:6"),
    ],
)
def test_items_that_are_refused(songs, item, text):
    given = [{"S": "x"}] if "?" in item else []
    assert songs.refusal(f"INSERT INTO songs VALUE {item}", *given) == text


def test_an_insert_into_an_index_or_of_rows_is_none(songs):
    assert songs.refusal("INSERT INTO songs.by_g VALUE {'pk': 'd'}") == (
        "FROM clause may only contain a single table name in data manipulation statements"
    )
    assert songs.refusal("INSERT INTO songs VALUES ('d', 1)") == "Unsupported operation: InsertOp"


def test_update_takes_several_changes_at_once(songs):
    """All of them see the item as it was before any."""
    changes = "SET n = n + 1, m = n SET t = 'x' REMOVE l"
    assert update(songs, changes) == {"n": {"N": "11"}, "m": {"N": "10"}, "t": {"S": "x"}}
    assert "l" not in (songs.item("a", 1) or {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("n - 1", {"N": "9"}),
        ("1 - n", {"N": "-9"}),
        ("n + 1 - 2.5 + 3", {"N": "11.5"}),
        ("1 + 2 + 3", {"N": "6"}),
        ("(n + 1)", {"N": "11"}),
        ("n + ?", {"N": "15"}),
        ("list_append([1], [n2])", None),
        ("list_append([1], list_append([2], [3]))", {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]}),
        ("if_not_exists(v, 7)", {"N": "7"}),
        ("if_not_exists(n, 7)", {"N": "10"}),
        ("null", {"NULL": True}),
        ("<<1, 2>>", {"NS": ["1", "2"]}),
        ("set_add(v, <<'x'>>)", {"SS": ["x"]}),
        ("set_delete(v, <<'x'>>)", None),
    ],
)
def test_values_of_set(songs, value, expected):
    given = [{"N": "5"}] if "?" in value else []
    if value == "list_append([1], [n2])":
        assert songs.refusal(f"UPDATE songs SET v = {value}{KEY}") == (
            "Unsupported data type: VariableReference under key root.0 at 1:40:2"
        )
        return
    shown = update(songs, f"SET v = {value}", *given)
    assert shown == ({"v": expected} if expected is not None else None)


def test_sets_and_lists_grow_and_shrink(songs):
    update(songs, "SET ss = <<'a'>>, ll = ['x']")
    assert update(songs, "SET ss = set_add(ss, <<'b'>>)") == {"ss": {"SS": ["a", "b"]}}
    assert update(songs, "SET ss = set_delete(ss, ?)", {"SS": ["a", "z"]}) == {"ss": {"SS": ["b"]}}
    assert update(songs, "SET ss = set_delete(ss, <<'b'>>)") is None
    assert update(songs, "SET ll = list_append(ll, ['y']) REMOVE l") == {
        "ll": {"L": [{"S": "x"}, {"S": "y"}]}
    }
    assert update(songs, "REMOVE ll[0]", returning="ALL NEW")["ll"] == {"L": [{"S": "y"}]}
    assert update(songs, "SET ll[7] = 'z'", returning="ALL NEW")["ll"] == {
        "L": [{"S": "y"}, {"S": "z"}]
    }


def test_modified_shows_the_paths_that_are_named(songs):
    """Captured on AWS: only the changed leaf, and no item at all where nothing is left to show."""
    update(songs, "SET m = {'x': 1, 'y': 2}")
    assert update(songs, "SET m.x = 5") == {"m": {"M": {"x": {"N": "5"}}}}
    assert update(songs, "SET m.x = 6", returning="MODIFIED OLD") == {"m": {"M": {"x": {"N": "5"}}}}
    assert update(songs, "REMOVE m.x") is None
    assert update(songs, "SET fresh = 1", returning="MODIFIED OLD") is None
    assert update(songs, 'SET "m.x" = 1') == {"m.x": {"N": "1"}}


def test_all_shows_the_item_before_or_after(songs):
    before = songs.item("a", 1)
    assert update(songs, "SET n = 1", returning="ALL OLD") == before
    assert update(songs, "SET n = 2", returning="ALL NEW") == songs.item("a", 1)
    assert songs.items(f"UPDATE songs SET n = 3{KEY}") == []


def test_update_makes_no_item(songs):
    """Captured on AWS: UPDATE is no UpdateItem, which would make one."""
    for rest in ("", " AND n IS MISSING"):
        statement = f"UPDATE songs SET n = 1 WHERE pk = 'new' AND sk = 1{rest}"
        assert songs.error(statement) == CONDITION_FAILED
    assert songs.item("new", 1) is None


def test_what_stands_beside_the_key_is_a_condition(songs):
    assert songs.error(f"UPDATE songs SET n = 1{KEY} AND n = 77") == CONDITION_FAILED
    answer = songs.run(
        f"UPDATE songs SET n = 1{KEY} AND n = 77", ReturnValuesOnConditionCheckFailure="ALL_OLD"
    )
    assert answer["Item"] == songs.item("a", 1)
    statement = "UPDATE songs SET n = 1 WHERE ('a' = pk AND n = 10) AND (sk = 1 OR x = 1)"
    assert songs.refusal(statement).startswith("Where clause does not contain")
    songs.items(f"UPDATE songs SET n = 1{KEY} AND pk = 'a' AND (n = 10 OR begins_with(g, 'X'))")
    assert (songs.item("a", 1) or {})["n"] == {"N": "1"}


@pytest.mark.parametrize("verb", ["UPDATE songs SET n = 1", "DELETE FROM songs"])
@pytest.mark.parametrize(
    "where",
    [
        "",
        " WHERE pk = 'a'",
        " WHERE pk = 'a' AND sk > 0",
        " WHERE pk = 'a' AND sk IN [1]",
        " WHERE pk = 'a' AND sk = 1 OR sk = 2",
        " WHERE NOT pk = 'a' AND sk = 1",
    ],
)
def test_a_write_names_one_item(songs, verb, where):
    """A statement that forgot its key must not change a whole table."""
    assert songs.refusal(verb + where) == (
        "Where clause does not contain a mandatory equality on all key attributes"
    )
    assert len(songs.items("SELECT * FROM songs")) == 4


def test_a_key_has_one_value_of_the_right_type(songs):
    assert songs.refusal("DELETE FROM songs WHERE pk = 'a' AND sk = 1 AND sk = 2") == (
        "Multiple conditions on same key sk. Only single item Update/Insert/Delete are supported"
    )
    assert songs.refusal("DELETE FROM songs WHERE pk = 'a' AND sk = 'x'") == (
        "Key attribute's data type should match its data type in table's schema: Key sk"
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            "SET pk = 'b'",
            (
                "One or more parameter values were invalid: "
                "Cannot update attribute pk. This attribute is part of the key"
            ),
        ),
        (
            "SET q = nope",
            ("The provided expression refers to an attribute that does not exist in the item"),
        ),
        (
            "SET g.x = 1",
            ("The document path provided in the update expression is invalid for update"),
        ),
        ("SET q = g + 1", "An operand in the update expression has an incorrect data type"),
        (
            "SET q = 1 SET q = 2",
            (
                "Two document paths overlap with each other; must remove or rewrite one of "
                "these paths; "
                "path one: [q], path two: [q]"
            ),
        ),
        (
            "SET m = 1, m.x = 2",
            (
                "Two document paths overlap with each other; must remove or rewrite one of "
                "these paths; "
                "path one: [m, x], path two: [m]"
            ),
        ),
        ("SET q = MISSING", "MISSING must be compared using IS operator"),
        ("SET q = n * 2", "Unsupported operator in Update Expression. Operator: *"),
        (
            "SET q = -n",
            (
                "Incorrect number of operands for operator or function; "
                "operator or function: -, number of operands: 1"
            ),
        ),
        (
            "SET q = 'a' + 1",
            (
                "Incorrect operand type for operator or function; "
                "operator or function: +, operand type: S"
            ),
        ),
        ("SET q = size(n)", "The function is not allowed in an update expression; function: size"),
        ("SET q = unheard(n)", "Unrecognized function: unheard"),
        (
            "SET q = list_append(n, 5)",
            (
                "Incorrect operand type for operator or function; "
                "operator or function: list_append, operand type: N"
            ),
        ),
        (
            "SET q = set_add(r, <<1>>)",
            "The first argument to SET_ADD must equal the assignment value",
        ),
        (
            "SET q = set_add(q, 5)",
            "The second argument to SET_ADD must be a value with type SET at 1:30:1",
        ),
        ("SET q = set_delete(q)", "SET_DELETE must have exactly two arguments at 1:22:10"),
    ],
)
def test_updates_that_are_refused(songs, changes, text):
    before = songs.item("a", 1)
    assert songs.refusal(f"UPDATE songs {changes}{KEY}") == text
    assert songs.item("a", 1) == before


def test_delete(songs):
    before = songs.item("a", 1)
    assert songs.items(f"DELETE FROM songs{KEY} RETURNING ALL OLD *") == [before]
    assert songs.item("a", 1) is None
    assert songs.items(f"DELETE FROM songs{KEY} RETURNING ALL OLD *") == []


def test_deleting_nothing_is_no_error_unless_a_condition_says_so(songs):
    gone = "DELETE FROM songs WHERE pk = 'gone' AND sk = 1"
    assert songs.items(gone) == []
    assert songs.items(f"{gone} AND n IS MISSING") == []
    assert songs.error(f"{gone} AND n = 1") == CONDITION_FAILED


def test_returning_has_few_forms(songs):
    for returning in ("ALL NEW", "MODIFIED OLD", "MODIFIED NEW"):
        assert songs.refusal(f"DELETE FROM songs{KEY} RETURNING {returning} *") == (
            f"Invalid returning clause: RETURNING {returning} *. "
            "Only RETURNING ALL OLD * is allowed in DELETE statements."
        )
    assert songs.refusal(f"UPDATE songs SET q = 1{KEY} RETURNING ALL NEW q") == (
        "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause"
    )
    assert songs.refusal(f"UPDATE songs SET q = 1{KEY} RETURNING ALL NEW *, ALL OLD *") == (
        "Invalid syntax with multiple returning elements in RETURNING clause"
    )


def test_an_index_is_not_written(songs):
    text = "This operation is not supported on an index"
    assert songs.refusal(f"UPDATE songs.by_g SET q = 1{KEY}") == text
    assert songs.refusal(f"DELETE FROM songs.by_g{KEY}") == text


def test_writes_cost_what_they_cost_elsewhere_and_keep_the_indexes(songs):
    insert = "INSERT INTO songs VALUE {'pk': 'c', 'sk': 1, 'g': 'H', 'l': 'M', 'x': ?}"
    answer = songs.run(insert, {"S": "x" * 2000}, ReturnConsumedCapacity="INDEXES")
    assert answer["ConsumedCapacity"] == {
        "TableName": "songs",
        "CapacityUnits": 4.0,
        "Table": {"CapacityUnits": 2.0},
        "GlobalSecondaryIndexes": {"by_g": {"CapacityUnits": 1.0}},
        "LocalSecondaryIndexes": {"by_l": {"CapacityUnits": 1.0}},
    }
    assert songs.keys("SELECT * FROM songs.by_g WHERE g = 'H'") == [("c", 1)]
    songs.items("UPDATE songs REMOVE g WHERE pk = 'c' AND sk = 1")
    assert songs.keys("SELECT * FROM songs.by_g WHERE g = 'H'") == []
    deleted = songs.run("DELETE FROM songs WHERE pk = 'c' AND sk = 1",
                        ReturnConsumedCapacity="TOTAL", Limit=1, ConsistentRead=True)  # fmt: skip
    assert deleted["ConsumedCapacity"]["CapacityUnits"] == 3.0


def test_an_item_stays_below_its_limit(songs):
    grown = "UPDATE songs SET x = ?" + KEY
    assert songs.refusal(grown, {"S": "x" * 400 * 1024}) == (
        "Item size to update has exceeded the maximum allowed size"
    )
    insert = "INSERT INTO songs VALUE {'pk': 'c', 'sk': 1, 'x': ?}"
    assert songs.refusal(insert, {"S": "x" * 400 * 1024}) == (
        "Item size has exceeded the maximum allowed size"
    )
