"""Whatever bytes a reader is given, it reads them or refuses them in the documented way."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.spoiling import _PIECES
from tests.fuzz.targets import SEEDS, TARGETS

BOUNDED = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def inputs(draw: st.DrawFn, name: str) -> bytes:
    """A good input with some pieces of other inputs, or of nothing, put in or left out."""
    good = st.sampled_from(SEEDS[name])
    data = draw(good)
    pieces = st.one_of(
        st.sampled_from(_PIECES),
        st.binary(max_size=4),
        good.flatmap(lambda each: st.integers(0, len(each)).map(lambda at: each[at : at + 12])),
    )
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(pieces) + data[at + draw(st.integers(0, 6)) :]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_read_or_refused(name: str):
    target = TARGETS[name]

    @BOUNDED
    @given(inputs(name))
    def holds(data: bytes) -> None:
        target(data)

    for seed in SEEDS[name]:
        target(seed)
    holds()


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize(
    "piece",
    [b"(", b"[", b"{", b'{"a":', b"NOT ", b"-", b"a.", b"\x9f", b"\x81", b"\xa1\x61a", b"9", b"<<",
     b"a[0]", b"size(", b"MetricData.member.1.", b"\r\n", b"a" * 100, b"- ", b'"', b"\xff"],
)  # fmt: skip
def test_nothing_is_too_deep_or_too_long(name: str, piece: bytes):
    """Not even for Python's stack, or for its digits of an integer."""
    for count in (200, 5000):
        for start in (b"", *SEEDS[name][:1]):
            TARGETS[name](start + piece * count)
            TARGETS[name](start[:1] + piece * count + start[1:])


def test_every_target_has_somewhere_to_begin():
    assert set(SEEDS) == set(TARGETS)
