"""SELECT: which items a statement finds, and what it shows of them.

Texts and results are those of DynamoDB Local 1.25.1 unless a test says otherwise.
"""

import pytest

from tests.engine.statement_asking import Asked

A = [("a", 0), ("a", 1), ("a", 2)]
B = [("b", 1)]


@pytest.fixture(scope="module")
def songs() -> Asked:
    """Nothing here writes, so that one database serves all."""
    asked = Asked()
    asked.run(
        """
        INSERT INTO songs VALUE {'pk': 'deep', 'sk': 9, 'm': {'x': 1, 'y': ['p', 'q']},
            'lst': [1, 2, {'z': 'below'}], 'ss': <<'s', 't'>>, 'ns': <<1, 2.50>>, 'nul': null,
            'yes': true, 'q': 'it''s'}
        """
    )
    return asked


DEEP = [("deep", 9)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("pk = 'a'", A),
        ("'a' = pk AND 1 < sk", [("a", 2)]),
        ("pk = 'a' AND sk = 1", [("a", 1)]),
        ("pk = 'a' AND sk <> 1", [("a", 0), ("a", 2)]),
        ("pk = 'a' AND sk != 1", [("a", 0), ("a", 2)]),
        ("pk = 'a' AND sk BETWEEN 1 AND 2", [("a", 1), ("a", 2)]),
        ("pk = 'a' AND sk > 0 AND sk < 2", [("a", 1)]),
        ("pk = 'a' AND sk <= 0", [("a", 0)]),
        ("pk = 'a' AND sk >= 2", [("a", 2)]),
        ("pk = 'a' AND sk > 2 AND sk < 1", []),
        ("pk = 'a' AND sk IN [0, 2, 7]", [("a", 0), ("a", 2)]),
        ("pk = 'a' AND (sk = 1 OR sk = 2)", [("a", 1), ("a", 2)]),
        ("pk = 'a' AND pk = 'b'", []),
        ("pk IN ['a', 'b', 'a']", A + B),
        ("pk IN ('a', 'b') AND sk = 1", [("a", 1), ("b", 1)]),
        ("pk = 'a' OR pk = 'b'", A + B),
        ("(pk = 'a' AND sk = 1) OR (pk = 'b' AND sk = 1)", [("a", 1), ("b", 1)]),
        ("pk = 'b' OR n = 20", [("a", 2), ("b", 1)]),
        ("NOT pk = 'a'", B + DEEP),
        ("begins_with(pk, 'de')", DEEP),
        ("n BETWEEN 5 AND 10", [("a", 1), ("b", 1)]),
        ("n NOT BETWEEN 5 AND 10", [("a", 0), ("a", 2), *DEEP]),
        ("n IN [0, 5]", [("a", 0), ("b", 1)]),
        ("n NOT IN [0, 5]", [("a", 1), ("a", 2), *DEEP]),
        ("n = 1e1", [("a", 1)]),
        ("n = +5.0", B),
        ("n < -0.5", []),
        ("g IS MISSING", B + DEEP),
        ("g IS NOT MISSING", A),
        ("nul IS NULL", DEEP),
        ("nul = null", DEEP),
        ("g IS STRING", A),
        ("lst IS LIST", DEEP),
        ("yes = true", DEEP),
        ("yes <> FALSE AND yes IS NOT MISSING", DEEP),
        ("m.x = 1", DEEP),
        ("m['x'] = 1", DEEP),
        ("m.\"y\"[1] = 'q'", DEEP),
        ("lst[2].z = 'below'", DEEP),
        ("m = {'y': ['p', 'q'], 'x': 1.0}", DEEP),
        ("ss = <<'t', 's'>>", DEEP),
        ("ns = <<2.5, 1>>", DEEP),
        ("contains(ss, 's')", DEEP),
        ("CONTAINS(pk, 'ee')", DEEP),
        ("size(lst) = 3", DEEP),
        ("attribute_type(m.x, 'N')", DEEP),
        ("q = 'it''s'", DEEP),
        ("sk > 100 OR sk = 9", DEEP),
    ],
)
def test_items_that_meet_a_condition(songs, condition, expected):
    assert songs.where(condition) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("m.x", {"x": {"N": "1"}}),
        ("m['x']", {"x": {"N": "1"}}),
        ("sk, lst[1]", {"sk": {"N": "9"}, "lst[1]": {"N": "2"}}),
        ("m.y[0], m.y[1]", {"y[0]": {"S": "p"}, "y[1]": {"S": "q"}}),
        ("lst[2].z", {"z": {"S": "below"}}),
        ("sk, absent, m.gone, lst[7]", {"sk": {"N": "9"}}),
        ("absent", {}),
        ("PK", {}),
    ],
)
def test_a_path_is_answered_by_its_last_name(songs, items, expected):
    """Captured on AWS: `a.b[0]` is answered by `b[0]`. An item of which nothing is shown stays."""
    assert songs.items(f"SELECT {items} FROM songs WHERE pk = 'deep' AND sk = 9") == [expected]


def test_whole_items(songs):
    (item,) = songs.items("select * from \"songs\" where pk = 'b';")
    assert item == {"pk": {"S": "b"}, "sk": {"N": "1"}, "n": {"N": "5"}}


def test_parameters_take_the_place_of_values_in_their_order(songs):
    two = {"N": "2"}
    assert songs.where("sk = ? AND pk = ?", two, {"S": "a"}) == [("a", 2)]
    assert songs.where("pk IN [?, ?] AND sk < ?", {"S": "a"}, {"S": "b"}, two) == [
        ("a", 0), ("a", 1), ("b", 1),
    ]  # fmt: skip
    assert songs.where("ss = ?", {"SS": ["t", "s"]}) == DEEP
    assert songs.where("m = {'x': ?, 'y': ['p', ?]}", {"N": "1.0"}, {"S": "q"}) == DEEP


def test_order_by_the_sort_key(songs):
    select = "SELECT pk, sk FROM songs WHERE "
    assert songs.keys(select + "pk = 'a' ORDER BY sk DESC") == A[::-1]
    assert songs.keys(select + "pk = 'a' ORDER BY sk ASC") == A
    assert songs.keys(select + "pk = 'a' AND sk IN [2, 0] ORDER BY sk DESC") == [A[2], A[0]]
    assert songs.keys(select + "pk IN ['b', 'a'] ORDER BY sk DESC") == B + A[::-1]
    assert songs.keys(select + "pk IN ['b', 'a'] ORDER BY pk") == A + B
    assert songs.keys(select + "pk IN ['a', 'b'] ORDER BY pk DESC, sk DESC") == B + A[::-1]


def test_order_by_needs_a_partition_and_knows_keys_only(songs):
    select = "SELECT * FROM songs "
    assert songs.refusal(select + "ORDER BY sk") == (
        "Must have WHERE clause in the statement when using ORDER BY clause."
    )
    assert songs.refusal(select + "WHERE n = 5 ORDER BY sk") == (
        "Must have at least one non-optional hash key condition in WHERE clause "
        "when using ORDER BY clause."
    )
    assert songs.refusal(select + "WHERE pk = 'a' ORDER BY sk, n") == (
        "Variable reference n in ORDER BY clause must be part of the primary key"
    )


def test_an_index_shows_what_it_projects(songs):
    assert songs.keys('SELECT * FROM "songs"."by_g"') == songs.keys("SELECT * FROM songs.by_g")
    assert sorted(songs.keys("SELECT * FROM songs.by_g WHERE g = 'G' AND sk > 0")) == A[1:]
    (item,) = songs.items("SELECT * FROM songs.by_l WHERE pk = 'a' AND l = 'L1'")
    assert set(item) == {"pk", "sk", "l"}
    assert songs.keys("SELECT pk, sk FROM songs.by_l WHERE pk = 'a' ORDER BY l DESC") == A[::-1]


def test_only_a_local_index_fetches_what_it_does_not_project(songs):
    local = "SELECT n FROM songs.by_l WHERE pk = 'a' AND l = 'L2'"
    assert songs.items(local, ConsistentRead=True) == [{"n": {"N": "20"}}]
    assert songs.refusal("SELECT n FROM songs.by_g") == (
        "One or more parameter values were invalid: "
        "Global secondary index by_g does not project [n]"
    )


def test_a_condition_on_the_base_key_reads_the_whole_index(songs):
    """Captured on AWS: no error, all of the index is read, and the condition is a filter."""
    answer = songs.run(
        "SELECT sk FROM songs.by_g WHERE pk = 'a' AND sk = 1", ReturnConsumedCapacity="INDEXES"
    )
    assert answer["Items"] == [{"sk": {"N": "1"}}]
    assert set(answer["ConsumedCapacity"]["GlobalSecondaryIndexes"]) == {"by_g"}


def test_unknown_tables_and_indexes(songs):
    """Captured on AWS: PartiQL does not name the index, unlike Query and Scan."""
    assert songs.error("SELECT * FROM nowhere") == (
        "ResourceNotFoundException", "Requested resource not found",
    )  # fmt: skip
    missing = "The table does not have the specified index"
    assert songs.refusal("SELECT * FROM songs.nope") == missing
    assert songs.refusal("SELECT * FROM songs.nope", ConsistentRead=True) == missing
    assert songs.refusal("SELECT * FROM songs.by_g", ConsistentRead=True) == (
        "Strongly consistent read is not supported on Global Secondary Indexes"
    )


@pytest.mark.parametrize(
    ("condition", "name"),
    [
        ("pk = 1", "pk"),
        ("pk = 'a' AND sk = 'x'", "sk"),
        ("pk IN ['a', 1]", "pk"),
        ("pk = 'a' AND begins_with(sk, '1')", "sk"),
        ("pk = 1 AND sk = 'x'", "pk"),
    ],
)
def test_key_values_must_have_the_type_of_the_key(songs, condition, name):
    assert songs.refusal(f"SELECT * FROM songs WHERE {condition}") == (
        f"Key attribute's data type should match its data type in table's schema: Key {name}"
    )


def test_key_values_must_be_values_that_keys_can_have(songs):
    assert songs.refusal("SELECT * FROM songs WHERE pk = ''") == (
        "One or more parameter values are not valid. "
        "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"
    )
    long = {"S": "x" * 2049}
    assert "Size of hashkey" in songs.refusal("SELECT * FROM songs WHERE pk = ?", long)
    values = ", ".join(f"'{number}'" for number in range(51))
    assert songs.refusal(f"SELECT * FROM songs WHERE pk IN [{values}]") == (
        "The IN operator is provided with too many operands; number of operands: 51"
    )


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("pk", "WHERE clause must contain an expression that resolves to a boolean"),
        ("size(pk)", "WHERE clause must contain an expression that resolves to a boolean"),
        ("true", "WHERE clause must contain an expression that resolves to a boolean"),
        ("n = 1 AND n", "The arguments to AND/OR must be Expressions"),
        ("NOT n", "The argument to NOT must be a Type or Expression"),
        ("g = MISSING", "MISSING must be compared using IS operator"),
        (
            "size(n) IS NULL",
            "The left hand side argument to IS must be a Variable Reference, Literal, or Path",
        ),
        (
            "n IS NOT INT",
            (
                "Unsupported data type for IS operator: INTEGER. Supported data types are "
                "[MISSING, NULL, "
                "BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST] at 1:29:2"
            ),
        ),
        ("n LIKE 'a%'", "Unsupported operator in Condition Expression. Operator: like"),
        ("n + 1 = 6", "Unsupported operator in Condition Expression. Operator: +"),
        (
            "n IN lst",
            (
                "IN operator must have a left hand argument of type Variable Reference "
                "and right hand argument of type Seq with at least one member"
            ),
        ),
        ("unheard(n)", "Unrecognized function: unheard"),
        (
            "list_append(n, n)",
            "The function is not allowed in a condition expression; function: list_append",
        ),
        (
            "contains(pk, 'a', 'b')",
            (
                "Incorrect number of operands for operator or function; "
                "operator or function: contains, number of operands: 3"
            ),
        ),
        (
            "begins_with(pk, 1)",
            (
                "Incorrect operand type for operator or function; "
                "operator or function: begins_with, operand type: N"
            ),
        ),
        (
            "n > [1]",
            (
                "Incorrect operand type for operator or function; "
                "operator or function: >, operand type: L"
            ),
        ),
        (
            "n = n",
            (
                "The first operand must be distinct from the remaining operands for this "
                "operator or "
                "function; operator: =, first operand: [n]"
            ),
        ),
        (
            "n BETWEEN 5 AND 1",
            (
                "The BETWEEN operator requires upper bound to be greater than or equal to lower "
                "bound; "
                "lower bound operand: AttributeValue: {N:5}, upper bound operand: "
                "AttributeValue: {N:1}"
            ),
        ),
        (
            "attribute_type(n, 'Q')",
            (
                "Invalid attribute type name found; type: Q, "
                "valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
            ),
        ),
        ("EXISTS(SELECT * FROM songs)", "Unsupported token in expression: SELECT at 1:34:6"),
        (
            " AND ".join(f"n = {number}" for number in range(200)),
            "The expression contains too many operators; operator count: 301",
        ),
    ],
)
def test_conditions_that_are_refused(songs, condition, text):
    """What the expression language refuses has its text, without a parameter's name in front."""
    assert songs.refusal(f"SELECT * FROM songs WHERE {condition}") == text


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("SELECT * FROM songs WHERE pk = 'a' LIMIT 1", "Unsupported clause: LIMIT at 1:42:1"),
        ("SELECT * FROM songs\n HAVING n", "Unsupported clause: HAVING at 2:9:1"),
        ("SELECT n FROM songs GROUP BY n", "Unsupported clause: GROUP BY"),
        ("SELECT DISTINCT n FROM songs", "Unsupported token in expression: DISTINCT"),
        ("SELECT VALUE n FROM songs", "Select projection doesn't support value or pivot keywords"),
        ("SELECT n AS m FROM songs", "Aliasing is not supported"),
        ("SELECT n FROM songs s", "Aliasing is not supported"),
        ("SELECT n FROM songs, songs", "Only select from a single table or index is supported."),
        (
            "SELECT n FROM songs.by_g.more",
            "A path may contain at most 2 components in the FROM clause",
        ),
        ("SELECT n FROM 'songs'", "Unexpected from source"),
        ("SELECT n FROM ?", "Unexpected from source"),
        (
            "SELECT n FROM x",
            (
                "Table name should be within the length [3, 255] and only contain "
                "'a-z', 'A-Z', '0-9', '-', '_', '.'."
            ),
        ),
        ("SELECT COUNT(*) FROM songs", "Unexpected path component at 1:8:5"),
        ("SELECT n + 1 FROM songs", "Unexpected path component at 1:10:1"),
        ("SELECT 'n' FROM songs", "Unexpected path component at 1:8:3"),
        (
            "SELECT l[-1] FROM songs",
            "List index is not within the allowable range; index: [-1] at 1:11:1",
        ),
        ("SELECT m.* FROM songs", "Changing item's hierarchy while reading isn't supported"),
        ("SELECT n, n FROM songs", "Duplicate identifiers in select clause: n"),
        ("SELECT m.n, n FROM songs", "Duplicate identifiers in select clause: n"),
        (
            "SELECT m, m.x FROM songs",
            (
                "Two document paths overlap with each other; must remove or rewrite one of "
                "these paths; "
                "path one: [m, x], path two: [m]"
            ),
        ),
        (
            "EXISTS(SELECT * FROM songs WHERE pk = 'a' AND sk = 1)",
            "EXISTS can only be used in ExecuteTransaction write requests.",
        ),
        ("DROP TABLE songs", "Unsupported operation: DropTable"),
        ("songs", "Unsupported operation: VariableReference"),
        ("1", "Unsupported operation: Literal"),
    ],
)
def test_statements_that_dynamodb_does_not_have(songs, statement, text):
    assert songs.refusal(statement) == text


@pytest.mark.parametrize("given", [(), ({"S": "a"}, {"S": "a"})])
def test_each_parameter_needs_its_place(songs, given):
    text = "Number of parameters in request and statement don't match."
    assert songs.refusal("SELECT * FROM songs WHERE pk = ?", *given) == text
    assert songs.refusal("SELECT * FROM songs WHERE pk = '?'", {"S": "a"}) == text
