"""Files of JSON lines in parts: whatever the cuts, the parts hold each line once."""

import io
from itertools import pairwise
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.operation import Operation
from pannier.batch.report import Failure
from pannier.files import json_lines
from pannier.files.inputs import LINE_BYTES_MAX, LINE_TOO_LONG, Input
from pannier.files.ranges import read_range
from pannier.files.source import ReadOptions

PLAIN = ReadOptions(table="shop", format="plain")

LINES = st.lists(
    st.one_of(
        st.builds(
            lambda key, text: orjson.dumps({"PK": key, "text": text}),
            st.text(min_size=1, max_size=3),
            st.text(max_size=20),
        ),
        st.sampled_from(
            [
                b"",
                b"   ",
                b"{broken",
                b"\xff\xfe",
                b"[1]",
                b"{}",
                b'{"PutRequest":{"Item":{"PK":{"S":"a"}}}}',
                b'{"DeleteRequest":{"Key":{"PK":{"S":"a"}}}}',
                b'[{"PK":"one"},{"PK":"two"}]',
                b'{"PK":"windows"}\r',
            ]
        ),
    ),
    max_size=12,
)


def whole(content: bytes, options: ReadOptions = PLAIN) -> list[Operation | Failure]:
    return list(json_lines.read(Input("f", io.BytesIO(content)), options))


def parts(
    content: bytes, cuts: list[int], options: ReadOptions = PLAIN
) -> list[tuple[int, list[Operation | Failure]]]:
    """What is in each part, with the byte at which the part begins."""
    bounds = [0, *sorted(cuts), len(content)]
    return [
        (start, list(read_range("f", io.BytesIO(content), start, end, options)))
        for start, end in pairwise(bounds)
    ]


def told(element: Operation | Failure) -> tuple[Any, ...]:
    """All of an element but its place."""
    if isinstance(element, Failure):
        return Failure, element.table, element.attributes, element.reason
    return element.table, element.kind, element.attributes


@settings(deadline=None)
@given(LINES, st.booleans(), st.lists(st.integers(0, 400), max_size=5))
def test_parts_hold_each_line_once_in_the_order_of_the_file(
    lines: list[bytes], ends: bool, cuts: list[int]
) -> None:
    content = b"\n".join(lines) + b"\n" * ends
    cuts = [min(cut, len(content)) for cut in cuts]
    found = [told(each) for _, elements in parts(content, cuts) for each in elements]
    assert found == [told(each) for each in whole(content)]


@settings(deadline=None)
@given(LINES, st.integers(0, 300))
def test_places_lead_to_the_line(lines: list[bytes], cut: int) -> None:
    content = b"\n".join(lines)
    first, second = parts(content, [min(cut, len(content))])
    for each in first[1]:
        assert each.origin in [other.origin for other in whole(content)]
    if not second[0]:
        return
    for each in second[1]:
        if each.origin.unit != "byte":  # one of several in the line
            assert ", byte " in each.origin.source
            continue
        at = each.origin.position - 1
        line = content[at:].split(b"\n")[0]
        assert told(next(iter(whole(line)))) == told(each)
        assert not at or content[at - 1 : at] == b"\n"


def test_a_line_that_is_too_long_is_one_failure_wherever_the_cuts_are() -> None:
    long = b'"' + b"x" * (LINE_BYTES_MAX + 1000) + b'"'
    content = b'{"PK":"a"}\n' + long + b'\n{"PK":"b"}\n'
    for cuts in ([5], [11], [12], [5_000_000], [LINE_BYTES_MAX + 500], [len(content) - 5]):
        elements = [each for _, inside in parts(content, cuts) for each in inside]
        assert [type(each) for each in elements] == [Operation, Failure, Operation], cuts
        assert isinstance(elements[1], Failure)
        assert elements[1].reason == LINE_TOO_LONG


def test_only_the_file_begins_with_a_mark_and_only_its_first_line_decides_what_it_is() -> None:
    request = b'{"shop":[{"PutRequest":{"Item":{"PK":{"S":"a"}}}}]}\n'
    content = b"\xef\xbb\xbf" + request + b'{"PK":"b"}\n' + request
    bare = ReadOptions(format="plain")
    elements = [each for _, inside in parts(content, [10], bare) for each in inside]
    assert [told(each) for each in elements] == [told(each) for each in whole(content, bare)]
    put, failure, _ = elements
    assert isinstance(put, Operation)
    assert isinstance(failure, Failure)
    assert "--table" in failure.reason


def test_the_last_line_is_read_to_its_end_and_what_was_added_later_is_not() -> None:
    content = b'{"PK":"a"}\n{"PK":"b"}'
    later = content + b'x\n{"PK":"c"}\n'
    (found,) = read_range("f", io.BytesIO(later), 11, len(content), PLAIN)
    assert isinstance(found, Failure)
    assert found.attributes == '{"PK":"b"}x'
