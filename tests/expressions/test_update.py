"""UpdateExpression: what it makes of an item, and what is refused."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.expressions import parse_update, project_paths

from .asking import ITEM, changes, complaint, error, placeholders, updated

LIST = ITEM["l"]["L"]
NEW = {"S": "x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET a = :v, n = s", {"a": NEW, "n": {"S": "abc"}}),
        ("set a = :v Remove n", {"a": NEW, "n": None}),
        ("SET a = n + :n", {"a": {"N": "6"}}),
        ("SET a = :n - n", {"a": {"N": "-4"}}),
        ("SET n = (n + :n)", {"n": {"N": "6"}}),
        ("SET a = ((n) - (:n))", {"a": {"N": "4"}}),
        ("SET a = if_not_exists(n, :v)", {"a": {"N": "5"}}),
        ("SET a = if_not_exists(a, :v)", {"a": NEW}),
        ("SET a = if_not_exists(z, n) + if_not_exists(y, :n)", {"a": {"N": "6"}}),
        ("SET a = if_not_exists(z, if_not_exists(y, :v))", {"a": NEW}),
        ("SET l = list_append(l, :l)", {"l": {"L": [*LIST, {"S": "new"}]}}),
        ("SET l = list_append(:l, l)", {"l": {"L": [{"S": "new"}, *LIST]}}),
        ("SET a = list_append(if_not_exists(a, :l), :l)", {"a": {"L": [{"S": "new"}] * 2}}),
        ("SET m.q = :v", {"m": {"M": {**ITEM["m"]["M"], "q": NEW}}}),
        ("SET m.y.z = :v", {"m": {"M": {"x": {"N": "1"}, "y": {"M": {"z": NEW}}}}}),
        ("SET l[3].x = :v", {"l": {"L": [*LIST[:3], {"M": {"x": NEW}}]}}),
        ("REMOVE m.x, m.y", {"m": {"M": {}}}),
        ("REMOVE z, m.q, l[9]", {}),
        ("ADD n :n, a :n, m.x :n",
         {"n": {"N": "6"}, "a": {"N": "1"}, "m": {"M": {**ITEM["m"]["M"], "x": {"N": "2"}}}}),
        ("ADD ss :ss, a :ns", {"ss": {"SS": ["a", "b", "c"]}, "a": {"NS": ["1", "7"]}}),
        ("DELETE ns :ns, ss :ba", {"ns": {"NS": ["2"]}, "ss": None}),
        ("DELETE a :ss, bs :bs", {"bs": {"BS": ["Yg=="]}}),
    ],
)  # fmt: skip
def test_what_an_update_changes(text, expected):
    assert changes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET n = s, s = n", {"n": {"S": "abc"}, "s": {"N": "5"}}),
        ("SET l[0] = l[1], l[1] = l[0]", {"l": {"L": [LIST[1], LIST[0], *LIST[2:]]}}),
        ("REMOVE n SET a = n", {"a": {"N": "5"}, "n": None}),
        ("ADD n :n SET a = n", {"a": {"N": "5"}, "n": {"N": "6"}}),
    ],
)
def test_every_value_is_taken_from_the_item_as_it_was(text, expected):
    assert changes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET l[99] = :v, l[50] = :w", [*LIST, {"S": "y"}, NEW]),
        ("SET l[99] = :v ADD l[50] :n", [*LIST, {"N": "1"}, NEW]),
        ("REMOVE l[0], l[1]", LIST[2:]),
        ("REMOVE l[1], l[0], l[9]", LIST[2:]),
        ("REMOVE l[0] SET l[1] = :v", [NEW, *LIST[2:]]),
        ("SET l[1] = :v, l[7] = :w REMOVE l[0], l[2]", [NEW, LIST[3], {"S": "y"}]),
        ("REMOVE l[0] ADD l[1] :n", [{"N": "3"}, *LIST[2:]]),
        ("REMOVE l[3].x, l[0]", [*LIST[1:3], {"M": {}}]),
        ("SET l[99] = :v REMOVE l[0], l[1], l[2], l[3]", [NEW]),
    ],
)
def test_list_elements_go_by_the_indexes_they_had(text, expected):
    """Beyond the end they are appended, in the order of their indexes."""
    assert changes(text) == {"l": {"L": expected}}


def test_an_item_that_is_not_there_yet_may_be_updated():
    key = {"pk": {"S": "a"}}
    assert updated("SET a = if_not_exists(a, :n) ADD b :n REMOVE c DELETE d :ss", key) == {
        **key, "a": {"N": "1"}, "b": {"N": "1"},
    }  # fmt: skip


def test_touched_paths_are_those_of_the_actions_in_the_order_of_the_text():
    update = parse_update("REMOVE l[0] SET #x.y = :v ADD n :n", placeholders({"#x": "m"}))
    result = update.apply(ITEM)
    assert result.touched_paths == (("l", 0), ("m", "y"), ("n",))
    old = {"l": {"L": [{"N": "1"}]}, "m": {"M": {"y": ITEM["m"]["M"]["y"]}}, "n": {"N": "5"}}
    new = {"l": {"L": [{"N": "2"}]}, "m": {"M": {"y": NEW}}, "n": {"N": "6"}}
    assert project_paths(ITEM, result.touched_paths) == old
    assert project_paths(result.item, result.touched_paths) == new


PATH_INVALID = "The document path provided in the update expression is invalid for update"
TYPE_WRONG = "An operand in the update expression has an incorrect data type"
MISSING = "The provided expression refers to an attribute that does not exist in the item"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, PATH_INVALID) for text in (
            "SET a.b = :v", "SET a[0] = :v", "SET s.x = :v", "SET s[0] = :v", "SET l.x = :v",
            "SET m[0] = :v", "SET m.q.r = :v", "SET l[9].x = :v", "REMOVE a.b", "REMOVE l[9].x",
            "ADD a.b :n", "ADD l.x :n", "DELETE s.x :ss", "SET a.b = z")),
        *((text, MISSING) for text in (
            "SET a = z", "SET a = m.q", "SET a = l[9]", "SET a = z + :n", "SET a = n - z",
            "SET a = list_append(z, :l)", "SET a = if_not_exists(z, y)", "SET a = z + s",
            "SET a = if_not_exists(n, z)")),
        *((text, TYPE_WRONG) for text in (
            "SET a = s + :n", "SET a = n - l", "SET a = list_append(l, n)",
            "SET a = list_append(l, if_not_exists(z, :v))", "SET a = s + z", "ADD s :n",
            "ADD n :ss", "ADD ss :ns", "ADD l :ss", "DELETE ss :ns", "DELETE n :ss")),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_item(text, expected):
    assert error(updated, text) == expected


OPERAND_TYPE = "Incorrect operand type for operator or function; operator or function: "
CLAUSE_TYPE = "Incorrect operand type for operator or function; operator: "
MISPLACED = "The function is not allowed to be used this way in an expression; function: "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET a = :v + :n", OPERAND_TYPE + "+, operand type: S"),
        ("SET a = :n - :bo", OPERAND_TYPE + "-, operand type: BOOL"),
        ("SET a = list_append(l, :v)", OPERAND_TYPE + "list_append, operand type: S"),
        ("ADD a :v",
         CLAUSE_TYPE + "ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
        ("ADD a :l", CLAUSE_TYPE + "ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND"),
        ("DELETE a :n",
         CLAUSE_TYPE + "DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"),
        ("SET a = size(n)",
         "The function is not allowed in an update expression; function: size"),
        ("SET a = foo(n)", "Invalid function name; function: foo"),
        ("SET a = IF_NOT_EXISTS(n, :v)", "Invalid function name; function: IF_NOT_EXISTS"),
        ("SET a = if_not_exists(n)",
         ("Incorrect number of operands for operator or function; operator or function: "
         "if_not_exists, number of operands: 1")),
        ("SET a = if_not_exists(:v, :v)",
         "Operator or function requires a document path; operator or function: if_not_exists"),
        ("SET a = if_not_exists(a, a)",
         ("The first operand must be distinct from the remaining operands for this operator or "
         "function; operator: if_not_exists, first operand: [a]")),
        ("SET a = list_append(l, :l) + :n", MISPLACED + "list_append"),
        ("SET a = list_append(list_append(l, :l), :l)", MISPLACED + "list_append"),
        ("SET a = :v SET b = :v",
         'The "SET" section can only be used once in an update expression;'),
        ("REMOVE a REMOVE b",
         'The "REMOVE" section can only be used once in an update expression;'),
        ("SET a = ((:v))", "The expression has redundant parentheses;"),
        ("SET a = ((n + :n))", "The expression has redundant parentheses;"),
    ],
)  # fmt: skip
def test_what_can_never_be_right_is_refused_before_the_item_is_read(text, expected):
    assert complaint(updated, text) == expected


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("SET", "<EOF>", "SET"),
        ("SET a = :v,", "<EOF>", ","),
        ("SET a = :v, REMOVE b", "REMOVE", ", REMOVE b"),
        ("SET a = :v b = :v", "b", ":v b ="),
        ("SET a = n + :n + :n", "+", ":n + :n"),
        ("SET a = (n + :n) + :n", "+", ") + :n"),
        ("SET a = n + (:n + :n)", "+", ":n + :n"),
        ("SET a = - :n", "-", "= - :n"),
        ("SET a = if_not_exists(n + :n, :v)", "+", "n + :n"),
        ("SET (a) = :v", "(", "SET (a"),
        ("SET size(a) = :v", "(", "size(a"),
        ("SET and = :v", "and", "SET and ="),
        ("REMOVE a = :v", "=", "a = :v"),
        ("ADD a b", "b", "a b"),
        ("ADD a (:n)", "(", "a (:n"),
        ("a = :v", "a", "a ="),
    ],
)
def test_syntax_errors(text, token, near):
    assert complaint(updated, text) == f'Syntax error; token: "{token}", near: "{near}"'


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("SET a = :v SET b = :v REMOVE", "Syntax error"),
        ("SET a = :v SET b = ((c))", "The expression has redundant parentheses;"),
        ("SET a = :v SET a = status", "Attribute name is a reserved keyword"),
        ("SET a = #u SET b = :v", 'The "SET" section can only be used once'),
        ("SET a = :u REMOVE #u", "An expression attribute name used in the document path"),
        ("SET a = :u, a = :v", "Two document paths overlap"),
        ("SET a = #u, b = :u", "An expression attribute value used in expression"),
        ("ADD b :u SET a = :v + :v", "Incorrect operand type"),
        ("SET a = list_append(:v, :u)", "An expression attribute value used in expression"),
    ],
)
def test_the_first_complaint_is_the_one_that_aws_makes(text, first):
    """Paths of all actions before their values, both from the last action to the first."""
    assert complaint(updated, text).startswith(first)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SET pk = :v", "pk"),
        ("SET sk = :n, pk = :v", "pk"),
        ("REMOVE a, sk", "sk"),
        ("ADD sk.x :n", "sk"),
        ("DELETE pk[0] :ss", "pk"),
    ],
)
def test_key_attributes_can_not_be_updated(text, name):
    expected = (
        "One or more parameter values were invalid: "
        f"Cannot update attribute {name}. This attribute is part of the key"
    )
    assert error(parse_update, text, placeholders(), ("pk", "sk")) == expected
    assert error(parse_update(text, placeholders()).check_key_names, ("pk", "sk")) == expected


def test_key_attributes_may_be_read():
    update = parse_update("SET a = pk", placeholders(), ("pk", "sk"))
    assert update.apply(ITEM).item["a"] == ITEM["pk"]


TARGETS = ["a", "n", "s", "ss", "m.x", "m.q", "m.y.z", "l[0]", "l[3].x", "l[9]"]
OPERANDS = [":v", ":n", "n", "m", "l[1]", "if_not_exists(z, :v)", "n + :n", "list_append(l, :l)"]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(TARGETS), st.none() | st.sampled_from(OPERANDS)),
    min_size=1, max_size=4, unique_by=lambda action: action[0],
)  # fmt: skip


def text_of(actions):
    sets = ", ".join(f"{target} = {value}" for target, value in actions if value)
    removes = ", ".join(target for target, value in actions if not value)
    return (f"SET {sets} " if sets else "") + (f"REMOVE {removes}" if removes else "")


@given(actions=ACTIONS)
def test_the_old_item_stays_as_it_was_and_untouched_attributes_are_shared(actions):
    before = copy.deepcopy(ITEM)
    update = parse_update(text_of(actions), placeholders())
    new = update.apply(ITEM).item
    assert before == ITEM
    touched = {path[0] for path in update.touched_paths}
    assert all(new[name] is ITEM[name] for name in ITEM.keys() - touched)
    assert new.keys() - touched == ITEM.keys() - touched


@given(actions=ACTIONS)
def test_the_order_of_actions_makes_no_difference(actions):
    assert updated(text_of(actions)) == updated(text_of(actions[::-1]))


@given(actions=ACTIONS)
def test_setting_and_removing_map_members_and_attributes_is_seen_at_once(actions):
    plain = [(target, value) for target, value in actions if "[" not in target]
    if not plain:
        return
    update = parse_update(text_of(plain), placeholders())
    new = update.apply(ITEM).item
    for target, value in plain:
        path = tuple(target.split("."))
        assert bool(project_paths(new, [path])) == (value is not None)


@given(actions=ACTIONS)
def test_an_update_without_arithmetic_and_lists_applied_twice_is_applied_once(actions):
    steady = [(t, v) for t, v in actions if "[" not in t and v in (None, ":v", ":n")]
    if steady:
        text = text_of(steady)
        assert updated(text, updated(text)) == updated(text)
