"""What a line of the log looks like, and that nothing in it can be taken for anything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.service.observing.log_lines import json_line, text_line

FIELDS = {"time": 1_700_000_000.25, "level": "info", "event": "request"}
HOSTILE = [
    'two\nlines","level":"error',
    "carriage\rreturn",
    "\x1b[2J\x1b]0;title\x07",
    "\x7f\x08\x08",
    "\x9b31m",  # the same as ESC [ in one character
    "right to left \u202e",
    "line \u2028 separator",
    "tag \U000e0001",
    "lone \udc80 half",
]


def test_json():
    line = json_line({**FIELDS, "tables": ["shop"], "status": 200})
    assert line == (
        b'{"time":"2023-11-14T22:13:20.250000Z","level":"info","event":"request",'
        b'"tables":["shop"],"status":200}\n'
    )


def test_text():
    """Values that are one plain word stand as they are; others are quoted."""
    fields = {**FIELDS, "tables": ["a", "b"], "reason": "no room", "stages": {"sent_ms": 0.5}}
    assert text_line(fields) == (
        b"2023-11-14T22:13:20.250Z info    request tables=a,b reason='no room' "
        b"stages={sent_ms=0.5}\n"
    )


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", [json_line, text_line])
def test_what_a_client_sends_ends_no_line_and_commands_no_terminal(form: Any, text: str):
    line = form({**FIELDS, "access_key": text, "event": text, "tables": [text]})
    assert line.endswith(b"\n")
    assert line[:-1].decode().isprintable()


@given(st.text(st.characters(codec="utf-8")))
def test_json_says_exactly_what_was_there(text: str):
    line = json_line({**FIELDS, "access_key": text})
    assert line[:-1].decode().isprintable()
    assert json.loads(line)["access_key"] == text
