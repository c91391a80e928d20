"""Items as rows of short texts."""

from pannier.console.pages.explore.cells import attribute_names, cell_text, row


def test_each_type_has_a_text() -> None:
    values = [
        {"S": "a"},
        {"N": "12345678901234567890123456789012345678"},
        {"B": "AAEC"},
        {"BOOL": False},
        {"NULL": True},
        {"M": {"a": {"N": "1.10"}, "b": {"SS": ["x"]}}},
        {"L": [{"S": "x"}, {"NULL": True}]},
        {"SS": ["a", "b"]},
        {"NS": ["1", "2"]},
        {"BS": ["AAEC"]},
    ]
    assert [cell_text(value) for value in values] == [
        "a",
        "12345678901234567890123456789012345678",
        "base64 AAEC",
        "false",
        "null",
        '{"a":1.1,"b":["x"]}',
        '["x",null]',
        "{a, b}",
        "{1, 2}",
        "{AAEC}",
    ]


def test_long_texts_are_cut() -> None:
    assert cell_text({"S": "x" * 1000}) == "x" * 200 + "…"


def test_keys_stand_first_then_what_is_frequent() -> None:
    items = [{"rare": {"S": "a"}, "PK": {"S": "a"}, "b": {"S": "a"}}, {"b": {"S": "a"}}]
    assert attribute_names(items, ["PK", "SK"]) == ["PK", "SK", "b", "rare"]
    assert row(items[1], ["PK", "b"]) == (" S", ["", "a"])
