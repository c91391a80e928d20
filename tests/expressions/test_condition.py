"""ConditionExpression and FilterExpression: what they mean, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.expressions import parse_condition

from .asking import ITEM, complaint, condition, error, matches, placeholders


@pytest.mark.parametrize(
    "text",
    [
        "n = :five", "n <> :n", "n < :m", "n <= :five", "n > :n", "n >= :five",
        ":five = n", ":n < n", ":m >= n",
        "s = :abc", "s < :v", "b < :bc", "bo = :bo", "nu = :nu",
        "ss = :ba", "m = :map", "l[0] < l[1]", "m.x = l[0]", "n > size(l)",
        "n BETWEEN :n AND :m", "n BETWEEN :five AND :five", ":five BETWEEN l[0] AND :m",
        "n IN (:v, :five)", "l[1] IN (l[0], :two)", "ss IN (:v, :ba)", "size(l) IN (:v, n, :four)",
    ],
)  # fmt: skip
def test_comparisons_that_hold(text):
    assert matches(text)
    assert not matches(f"NOT {text}")


@pytest.mark.parametrize(
    "text",
    [
        "n < :v", "n > :v", "n = :v", "s = n", "s < n", "s > n",
        "n BETWEEN s AND :m", "n IN (:v)", "ns = :ba", "bo = :nu",
    ],
)  # fmt: skip
def test_values_of_two_types_are_neither_equal_nor_ordered(text):
    assert not matches(text)
    assert matches(f"NOT {text}")


def test_values_of_two_types_are_unequal():
    assert matches("n <> :v")
    assert matches("n <> s")


@pytest.mark.parametrize(
    "text",
    ["z = :v", "z < :v", ":v < z", "z = y", "z IN (:v, y)", "z BETWEEN y AND y", "size(z) = :n",
     "begins_with(z, :e)", "contains(z, :e)", "attribute_type(z, :t)", "n BETWEEN z AND :m"],
)  # fmt: skip
def test_a_missing_attribute_makes_everything_false(text):
    assert not matches(text)
    assert matches(f"NOT {text}")


def test_a_missing_attribute_is_unequal_to_everything_even_to_another():
    assert matches("z <> :v")
    assert matches("z <> y")
    assert matches("size(z) <> :n")


def test_existence_is_of_paths():
    assert matches("attribute_exists(m.y.z) AND attribute_exists(l[3].x) AND attribute_exists(nu)")
    assert matches("attribute_not_exists(m.q) AND attribute_not_exists(l[4])")
    assert matches("attribute_not_exists(s.x) AND attribute_not_exists(n[0])")


@pytest.mark.parametrize(
    ("name", "size"),
    [("s", 3), ("b", 3), ("l", 4), ("m", 2), ("ss", 2), ("ns", 2), ("bs", 2), ("m.y.z", 1)],
)
def test_size_counts_characters_bytes_or_members(name, size):
    assert matches(f"size({name}) = :size", values={":size": {"N": str(size)}})


def test_numbers_booleans_and_null_have_no_size():
    assert not matches("size(n) = size(n) OR size(bo) >= size(bo) OR size(nu) <= size(nu)")


def test_size_of_a_text_counts_utf_16_units():
    item = {"s": {"S": "aé😀"}}
    assert condition("size(s) = :size", values={":size": {"N": "4"}}).matches(item)


@pytest.mark.parametrize(
    "text",
    [
        "begins_with(s, :ab)", "begins_with(s, :e)", "begins_with(b, :b)", "begins_with(:abc, s)",
        "contains(s, :ab)", "contains(s, :e)", "contains(b, :bc)",
        "contains(ss, :a)", "contains(ns, :n)", "contains(bs, :b)",
        "contains(l, :n)", "contains(l, l[3])", "contains(l, size(s))", "contains(:abc, :ab)",
        "attribute_type(s, :t)", "attribute_type(:v, :t)",
    ],
)  # fmt: skip
def test_functions_that_hold(text):
    assert matches(text)


@pytest.mark.parametrize(
    "text",
    [
        "begins_with(s, :b)", "begins_with(n, :e)", "begins_with(s, n)",
        "contains(s, :n)", "contains(b, :v)", "contains(ss, :n)", "contains(ss, :ss)",
        "contains(n, :five)", "contains(m, :n)", "contains(bo, :bo)", "attribute_type(n, :t)",
    ],
)  # fmt: skip
def test_functions_that_do_not_hold(text):
    assert not matches(text)


def test_a_number_in_a_set_or_condition_is_compared_by_value():
    """`Placeholders.check` makes values canonical, as items are."""
    given_placeholders = placeholders(values={":n": {"N": "1.0"}, ":ns": {"NS": ["2.0", "1e0"]}})
    given_placeholders.check({"FilterExpression": ""})
    text = "contains(ns, :n) AND ns = :ns AND m.x = :n"
    assert parse_condition(text, given_placeholders, kind="FilterExpression").matches(ITEM)


def test_not_binds_tightest_then_and_then_or():
    assert matches("n = :five OR n = :n AND n = :n")
    assert not matches("(n = :five OR n = :n) AND n = :n")
    assert matches("NOT n = :n AND n = :five")
    assert not matches("NOT (n = :n OR n = :five)")
    assert matches("NOT NOT n = :five")
    assert not matches("NOT NOT NOT n = :five")


def test_between_takes_its_own_and():
    assert matches("n BETWEEN :n AND :m AND s = :abc")


BOOLEANS = st.recursive(
    st.sampled_from([("n = :five", True), ("n = :n", False)]),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"NOT ({one[0]})", not one[1])),
        st.tuples(inner, inner).map(
            lambda two: (f"({two[0][0]} AND {two[1][0]})", two[0][1] and two[1][1])
        ),
        st.tuples(inner, inner, inner).map(
            lambda three: (
                f"({three[0][0]} OR {three[1][0]} AND {three[2][0]})",
                three[0][1] or (three[1][1] and three[2][1]),
            )
        ),
    ),
    max_leaves=10,
)


@given(case=BOOLEANS)
def test_any_nesting_means_what_pythons_own_operators_mean(case):
    text, expected = case
    assert matches(_plain(text)) == expected


def _plain(text):
    """The text without doubled parentheses, which DynamoDB refuses."""
    opened, doubled = [], set()
    pairs = {}
    for place, character in enumerate(text):
        if character == "(":
            opened.append(place)
        elif character == ")":
            pairs[opened.pop()] = place
    for start, end in pairs.items():
        if pairs.get(start + 1) == end - 1:
            doubled |= {start, end}
    return "".join(c for place, c in enumerate(text) if place not in doubled)


@pytest.mark.parametrize(
    "text",
    ["(a = :v)", "(a) = (:v)", "((a) = :v)", "(a = :v) AND (b = :v)", "((a = :v) AND b = :v)",
     "NOT (a = :v)", "(NOT (a = :v))", "a IN ((:v), b)", "contains((a), (:v))", "(size(a)) = :n",
     "(attribute_exists(a))", "(a) BETWEEN (:n) AND (:m)"],
)  # fmt: skip
def test_parentheses_that_are_accepted(text):
    condition(text)


@pytest.mark.parametrize(
    "text",
    ["((a = :v))", "a = ((:v))", "((a)) = :v", "(((a)) = :v)", "NOT ((a = :v))", "((NOT a = :v))",
     "(a = :v) AND ((b = :v))", "((a = :v AND b = :v))", "a IN (((:v)))", "size(((a))) = :n",
     "((attribute_exists(a)))"],
)  # fmt: skip
def test_parentheses_right_around_parentheses_are_refused(text):
    assert complaint(condition, text) == "The expression has redundant parentheses;"


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("a", "<EOF>", "a"),
        ("(a)", "<EOF>", ")"),
        ("a = :v AND", "<EOF>", "AND"),
        ("a AND b", "AND", "a AND b"),
        ("(a AND b)", "AND", "a AND b"),
        ("a = :v)", ")", ":v)"),
        ("((a = :v)", "<EOF>", ")"),
        ("a == :v", "=", "== :v"),
        ("a != :v", "!", "a !="),
        ("a < = :v", "=", "< = :v"),
        ("a = 1", "1", "= 1"),
        ("a IN :v", ":v", "IN :v"),
        ("a IN ()", ")", "()"),
        ("a BETWEEN :v OR :w", "OR", ":v OR :w"),
        ("a BETWEEN (:v AND :w)", "AND", ":v AND :w"),
        ("(a = :v) = :w", "=", ") = :w"),
        ("attribute_exists a", "a", "attribute_exists a"),
        ("foo()", ")", "()"),
        ("contains(a b)", "b", "a b)"),
        ("contains(a = :v, b)", "=", "a = :v"),
        ("(a.b)[0] = :v", "[", ")[0"),
        ("NOT a", "<EOF>", "a"),
    ],
)
def test_syntax_errors(text, token, near):
    assert complaint(condition, text) == f'Syntax error; token: "{token}", near: "{near}"'


OPERAND_TYPE = "Incorrect operand type for operator or function; operator or function: "
OPERAND_COUNT = "Incorrect number of operands for operator or function; operator or function: "
MISPLACED = "The function is not allowed to be used this way in an expression; function: "
FORBIDDEN = "The function is not allowed in a condition expression; function: "
PATH = "Operator or function requires a document path; operator or function: "
DISTINCT = (
    "The first operand must be distinct from the remaining operands for this operator or "
    "function; operator: "
)
TYPES = ", valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < :bo", OPERAND_TYPE + "<, operand type: BOOL"),
        (":l >= a", OPERAND_TYPE + ">=, operand type: L"),
        ("a BETWEEN :n AND :ss", OPERAND_TYPE + "BETWEEN, operand type: SS"),
        ("begins_with(a, :n)", OPERAND_TYPE + "begins_with, operand type: N"),
        ("begins_with(size(a), :v)", OPERAND_TYPE + "begins_with, operand type: N"),
        ("size(:bo) = :n", OPERAND_TYPE + "size, operand type: BOOL"),
        ("size(size(a)) = :n", OPERAND_TYPE + "size, operand type: N"),
        ("attribute_type(a, :n)", OPERAND_TYPE + "attribute_type, operand type: N"),
        ("attribute_type(a, :v)", "Invalid attribute type name found; type: x" + TYPES),
        ("attribute_exists(a, b)", OPERAND_COUNT + "attribute_exists, number of operands: 2"),
        ("contains(a)", OPERAND_COUNT + "contains, number of operands: 1"),
        ("size(a, b) = :n", OPERAND_COUNT + "size, number of operands: 2"),
        ("attribute_exists(:v)", PATH + "attribute_exists"),
        ("attribute_not_exists(size(a))", PATH + "attribute_not_exists"),
        ("foo(a)", "Invalid function name; function: foo"),
        ("Attribute_Exists(a)", "Invalid function name; function: Attribute_Exists"),
        ("if_not_exists(a, :v) = :v", FORBIDDEN + "if_not_exists"),
        ("size(a)", MISPLACED + "size"),
        ("NOT size(a)", MISPLACED + "size"),
        ("attribute_exists(a) = :v", MISPLACED + "attribute_exists"),
        ("a < contains(b, :v)", MISPLACED + "contains"),
        ("contains(a, begins_with(b, :v))", MISPLACED + "begins_with"),
        ("a = a", DISTINCT + "=, first operand: [a]"),
        ("a.b[0] < a.b[0]", DISTINCT + "<, first operand: [a, b, [0]]"),
        ("a IN (b, a)", DISTINCT + "IN, first operand: [a]"),
        ("a BETWEEN b AND a", DISTINCT + "BETWEEN, first operand: [a]"),
        ("contains(a, a)", DISTINCT + "contains, first operand: [a]"),
        ("#a = a", DISTINCT + "=, first operand: [a]"),
        ("a BETWEEN :m AND :n",
         ("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
         "lower bound operand: AttributeValue: {N:9}, upper bound operand: AttributeValue: {N:1}")),
        ("a BETWEEN :v AND :b",
         ("The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
         "operand: AttributeValue: {S:x}, upper bound operand: AttributeValue: "
         "{B:java.nio.HeapByteBuffer[pos=0 lim=1 cap=1]}")),
    ],
)  # fmt: skip
def test_what_can_never_be_right_is_refused_before_any_item_is_read(text, expected):
    assert complaint(condition, text, names={"#a": "a"}) == expected


def test_values_may_be_compared_with_themselves():
    assert matches(":v = :v AND begins_with(:v, :v) AND size(s) = size(s)") is True


def test_in_takes_100_options():
    options = ", ".join([":v"] * 100)
    condition(f"a IN ({options})")
    expected = "The IN operator is provided with too many operands; number of operands: 101"
    assert complaint(condition, f"a IN ({options}, :v)") == expected


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [
        (" AND ".join(["a = :v"] * 150), " AND ".join(["a = :v"] * 151)),
        ("NOT " * 299 + "a = :v", "NOT " * 300 + "a = :v"),
        (" OR ".join(["size(a) = :v"] * 100), " OR ".join(["size(a) = :v"] * 101)),
        ("(" * 149 + "a = :v" + " OR a = :v)" * 149, "(" * 150 + "a = :v" + " OR a = :v)" * 150),
    ],
)
def test_300_operators_and_functions_are_accepted(accepted, refused):
    """AWS stops counting at the first one too many, whatever the number."""
    condition(accepted)
    expected = "The expression contains too many operators; operator count: 301"
    assert complaint(condition, refused) == expected


def test_the_parameter_is_named_in_front():
    for kind in ("ConditionExpression", "FilterExpression"):
        text = error(parse_condition, "a =", placeholders(), kind=kind)
        assert text == f'Invalid {kind}: Syntax error; token: "<EOF>", near: "="'


KEY = ("pk", "sk")


@pytest.mark.parametrize(
    "text",
    ["pk = :v", "sk = :v OR pk = :v", "sk = pk", "a IN (pk)", "NOT attribute_exists(pk)",
     "a = :v AND (b = :v OR size(pk) > :n)"],
)  # fmt: skip
def test_the_filter_of_a_query_may_not_name_key_attributes(text):
    """The partition attribute is named first, wherever it stands."""
    expected = (
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk"
    )
    assert error(condition(text).check_key_names, KEY) == expected
    ask = {"kind": "FilterExpression", "key_names": KEY}
    assert error(parse_condition, text, placeholders(), **ask) == expected


def test_a_path_into_a_key_attribute_has_a_text_of_its_own():
    expected = (
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not "
        "allowed: Key: sk"
    )
    assert error(condition("pk = :v AND sk.x = :v").check_key_names, KEY) == expected


def test_names_below_the_top_are_no_key_attributes():
    condition("a.pk = :v").check_key_names(KEY)
    assert condition("a.pk = b[0].sk").roots == {"a", "b"}
