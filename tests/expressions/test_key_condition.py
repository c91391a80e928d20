"""KeyConditionExpression: the part of a partition that a query reads."""

import pytest

from pannier.expressions import SortCondition, bind_key_condition, parse_key_condition

from .asking import VALUES, complaint, error, key_condition, placeholders

X, ONE, NINE = {"S": "x"}, {"N": "1"}, {"N": "9"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pk = :v", ()),
        (":v = pk", ()),
        ("pk = :v AND sk = :n", (SortCondition("sk", "=", (ONE,)),)),
        ("sk <= :n AND pk = :v", (SortCondition("sk", "<=", (ONE,)),)),
        ("(pk = :v) AND (:n < sk)", (SortCondition("sk", ">", (ONE,)),)),
        ("(pk = :v AND :n >= sk)", (SortCondition("sk", "<=", (ONE,)),)),
        ("pk = :v AND sk BETWEEN :n AND :m", (SortCondition("sk", "BETWEEN", (ONE, NINE)),)),
    ],
)
def test_a_partition_and_perhaps_a_range_of_it(text, expected):
    condition = key_condition(text)
    assert condition.partition == (X,)
    assert condition.sort == expected


def test_begins_with_is_for_texts_and_binaries():
    expected = (SortCondition("sk", "begins_with", ({"S": "ab"},)),)
    text = "#p = :v AND begins_with(sk, :ab)"
    assert key_condition(text, names={"#p": "pk"}, sort_kind="S").sort == expected


MISSED = "Query condition missed key schema element: "
UNSUPPORTED = "Query key condition not supported"
TWICE = "KeyConditionExpressions must only contain one condition per key"
OPERATOR = "Invalid operator used in KeyConditionExpression: "
TYPE = (
    "One or more parameter values were invalid: Condition parameter type does not match schema type"
)
NESTED_CALL = "KeyConditionExpressions cannot contain nested operations"
NESTED_PATH = "KeyConditionExpressions cannot have conditions on nested attributes"
INVALID = "Invalid condition in KeyConditionExpression: "
NAMES = INVALID + "Multiple attribute names used in one condition"
SCALAR = (
    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
    "Key: "
)
EMPTY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
    "contain an empty string value. Key: "
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sk = :n", MISSED + "pk"),
        ("a = :v AND b = :v", MISSED + "pk"),
        ("pk = :v AND a = :v", MISSED + "sk"),
        ("pk > :v", UNSUPPORTED),
        ("pk BETWEEN :v AND :w AND sk = :n", UNSUPPORTED),
        ("begins_with(pk, :v)", UNSUPPORTED),
        ("pk = :v AND pk = :w", TWICE),
        ("pk = :v AND sk > :n AND sk < :m", TWICE),
        ("pk = :v AND sk = :n AND a = :v", "Conditions can be of length 1 or 2 only"),
        ("pk = :v OR sk = :n", OPERATOR + "OR"),
        ("NOT pk = :v", OPERATOR + "NOT"),
        ("NOT NOT pk = :v", OPERATOR + "NOT"),
        ("pk <> :v", OPERATOR + "<>"),
        ("pk IN (:v)", OPERATOR + "IN"),
        ("pk = :v AND attribute_exists(sk)", OPERATOR + "attribute_exists"),
        ("pk = :v AND contains(sk, :v)", OPERATOR + "contains"),
        ("size(pk) = :n", NESTED_CALL),
        ("pk = :v AND sk < size(a)", NESTED_CALL),
        ("pk.a = :v", SCALAR + "pk"),
        ("pk = :v AND sk[0] = :n", SCALAR + "sk"),
        ("pk = :v AND a.b = :n", NESTED_PATH),
        ("pk = sk", NAMES),
        ("pk = :v AND sk BETWEEN :n AND a", NAMES),
        (":v = :v", INVALID + "No key attribute specified"),
        ("pk = :v AND :n BETWEEN sk AND sk",
         INVALID + "BETWEEN operator must have the key attribute as its first operand"),
        ("pk = :v AND begins_with(:v, sk)",
         INVALID + "begins_with operator must have the key attribute as its first operand"),
        ("pk = :n", TYPE),
        ("pk > :n", TYPE),
        ("pk = :v AND sk BETWEEN :v AND :w", TYPE),
        ("pk = :v AND begins_with(sk, :v)", TYPE),
        ("pk = :e", EMPTY + "pk"),
    ],
)  # fmt: skip
def test_what_a_query_can_not_read_by(text, expected):
    assert error(key_condition, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "The expression can not be empty;"),
        ("pk = :v AND", 'Syntax error; token: "<EOF>", near: "AND"'),
        ("((pk = :v))", "The expression has redundant parentheses;"),
        ("pk = pk", ("The first operand must be distinct from the remaining operands for this "
                    "operator or function; operator: =, first operand: [pk]")),
        ("pk = :v AND sk < :bo", ("Incorrect operand type for operator or function; operator or "
                                 "function: <, operand type: BOOL")),
        ("pk = :v AND sk BETWEEN :m AND :n",
         ("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
         "lower bound operand: AttributeValue: {N:9}, upper bound operand: AttributeValue: {N:1}")),
    ],
)  # fmt: skip
def test_it_is_checked_as_a_condition_first(text, expected):
    assert complaint(key_condition, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pk = :v AND pk = :v AND a.b = :v", TWICE),
        ("a.b = :v AND pk <> :v", NESTED_PATH),
        ("NOT pk = :v OR sk = :n", OPERATOR + "OR"),
        ("pk > :v AND a = :v", UNSUPPORTED),
        ("pk = :n AND a = :v", TYPE),
    ],
)
def test_the_first_complaint_is_the_one_that_aws_makes(text, expected):
    assert error(key_condition, text) == expected


def test_unused_placeholders_come_before_the_key():
    """So reading and holding against the key are two steps."""
    given = placeholders(values={":v": X, ":un": X})
    bound = bind_key_condition("sk = :v", given)
    assert "unused in expressions: keys: {:un}" in error(given.check_unused)
    assert error(bound.resolve, [("pk", "S")], []) == MISSED + "pk"


def test_a_key_value_has_the_size_limits_of_a_key():
    values = {":v": X, ":long": {"S": "x" * 1025}, ":huge": {"S": "x" * 2049}}
    text = "pk = :v AND begins_with(sk, :long)"
    assert "size limit of 1024 bytes" in error(key_condition, text, values=values, sort_kind="S")
    assert "size limit of2048 bytes" in error(key_condition, "pk = :huge", values=values)


def test_a_key_without_sort_attribute_takes_one_condition():
    def ask(text):
        return parse_key_condition(text, placeholders(), [("pk", "S")], [])

    assert ask("pk = :v").sort == ()
    assert error(ask, "pk = :v AND a = :v") == UNSUPPORTED
    expected = "Conditions can be of length 1 or 2 only"
    assert error(ask, "pk = :v AND a = :v AND b = :v") == expected


class TestKeysOfSeveralAttributes:
    """Indexes may have up to four partition and four sort attributes. The texts are inferred."""

    PARTITION = (("p", "S"), ("q", "N"))
    SORT = (("r", "S"), ("t", "N"))

    def ask(self, text):
        return parse_key_condition(text, placeholders(values=VALUES), self.PARTITION, self.SORT)

    def test_every_partition_attribute_by_equality_in_any_order(self):
        condition = self.ask("t > :n AND q = :n AND r = :v AND p = :v")
        assert condition.partition == (X, ONE)
        assert condition.sort == (SortCondition("r", "=", (X,)), SortCondition("t", ">", (ONE,)))

    def test_sort_attributes_from_the_left(self):
        assert self.ask("p = :v AND q = :n AND begins_with(r, :v)").sort == (
            SortCondition("r", "begins_with", (X,)),
        )
        assert error(self.ask, "p = :v AND q = :n AND t = :n") == MISSED + "r"

    def test_only_the_last_sort_condition_may_be_a_range(self):
        assert error(self.ask, "p = :v AND q = :n AND r > :v AND t = :n") == UNSUPPORTED

    def test_a_missing_partition_attribute(self):
        assert error(self.ask, "p = :v") == MISSED + "q"

    def test_as_many_conditions_as_attributes(self):
        text = "p = :v AND q = :n AND r = :v AND t = :n AND a = :n"
        assert error(self.ask, text) == "Conditions can be of length 1 or 2 or 3 or 4 only"
