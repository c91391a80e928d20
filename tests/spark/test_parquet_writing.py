"""The shape of all items, put together of what tasks saw, is the one that one task would see."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pannier.files.arrow_schema import Shape, layouts
from pannier.spark.parquet_writing import merged

_NUMBERS = st.decimals(-(10**6), 10**6, places=2).map(lambda number: {"N": str(number)})
_LEAVES = st.one_of(
    st.just({"S": "a"}), _NUMBERS, st.just({"NULL": True}), st.just({"BOOL": True}),
    st.just({"SS": ["a", "b"]}), st.lists(st.integers(0, 99), min_size=1).map(
        lambda numbers: {"NS": [str(number) for number in numbers]}
    ),
)  # fmt: skip
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(st.sampled_from("xyz"), inner, max_size=3).map(
            lambda members: {"M": members}
        ),
    ),
    max_leaves=6,
)
_ITEMS = st.lists(st.dictionaries(st.sampled_from("abc"), _VALUES, min_size=1), max_size=12)


def shape_of(items: list[Any]) -> Shape:
    shape = Shape()
    for item in items:
        shape.add_members(item)
    return shape


def told(shape: Shape) -> dict[str, Any]:
    return {
        name: (str(layout.kind), layout.hints)
        for name, layout in sorted(layouts(shape, "exact").items())
    }


def plain(told: dict[str, Any]) -> str:
    """Members of structs come in the order in which they were seen, which is of no account."""
    return "".join(sorted(str(told)))


@given(_ITEMS, st.integers(1, 5))
def test_shapes_of_parts_make_the_shape_of_the_whole(items: list[Any], parts: int) -> None:
    split = merged(shape_of(items[at::parts]) for at in range(parts))
    assert plain(told(split)) == plain(told(shape_of(items)))
    assert split.maps == len(items)


def test_a_map_of_too_many_names_is_a_dictionary_though_no_part_has_so_many() -> None:
    items = [{"m": {"M": {f"k{number}": {"S": "a"}}}} for number in range(300)]
    split = merged(shape_of(items[at::2]) for at in range(2))
    assert told(split) == told(shape_of(items))
