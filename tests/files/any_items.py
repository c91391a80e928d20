"""Items as DynamoDB answers them, of any shape: for laws that hold for every item."""

from base64 import b64encode

from hypothesis import strategies as st

from pannier.model.number import measure

# Signs that mean something to one format or another, and some of every plane of Unicode.
_TEXTS = st.text(
    st.one_of(
        st.sampled_from("abc019 ,;|\t\"'\\\r\n{}[]:$\u00e9\u2028\ufeff\U0001f600\x00\x1a"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=8,
)
NAMES = st.one_of(
    st.sampled_from(["a", "b", "PK", "name", "a.b", "a:N", "x,y", "S", "Item", "é", "a b"]),
    _TEXTS.filter(bool),
)
NUMBERS = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1).map(str),
    st.integers(-1000, 1000).map(str),
    st.decimals(-(10**9), 10**9, places=4, allow_nan=False).map(lambda number: f"{number:f}"),
    st.builds("{}e{}".format, st.integers(-(10**15), 10**15), st.integers(-130, 100)),
    st.sampled_from(["0.1", "-0.5", "1e-130", "9.9999999999999999999999999999999999999e125"]),
).map(lambda text: measure(text)[0])
BINARIES = st.binary(max_size=5).map(lambda raw: b64encode(raw).decode())


def _set(members: st.SearchStrategy[str], kind: str) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(
        lambda found: {kind: found}, st.lists(members, min_size=1, max_size=3, unique=True)
    )


LEAVES = st.one_of(
    st.builds(lambda text: {"S": text}, _TEXTS),
    st.builds(lambda text: {"N": text}, NUMBERS),
    st.builds(lambda text: {"B": text}, BINARIES),
    st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
    st.just({"NULL": True}),
    _set(_TEXTS, "SS"),
    _set(NUMBERS, "NS"),
    _set(BINARIES, "BS"),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda each: {"L": each}, st.lists(inner, max_size=3)),
        st.builds(lambda each: {"M": each}, st.dictionaries(NAMES, inner, max_size=3)),
    ),
    max_leaves=5,
)
ITEMS = st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)
