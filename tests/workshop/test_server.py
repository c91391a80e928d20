"""The workshop's server: what is read from what it says, and which port it gets."""

import socket
from pathlib import Path

import pytest

from pannier.workshop import server
from pannier.workshop.place import Workshop

SAID = """pannier serves .pannier at http://127.0.0.1:8000
  console: http://127.0.0.1:8000/?token=a-b_c
  export AWS_ENDPOINT_URL=http://127.0.0.1:8000
  Ctrl-C ends it.
"""


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.make(tmp_path / "workshop")


def test_the_address_of_a_console_is_found_if_there_is_one(workshop: Workshop) -> None:
    workshop.log.write_text(SAID)
    assert server._console(workshop) == "http://127.0.0.1:8000/?token=a-b_c"
    workshop.log.write_text("".join(SAID.splitlines(keepends=True)[2:]))
    assert server._console(workshop) is None


def test_notes_are_for_their_owner_alone(workshop: Workshop) -> None:
    assert workshop.notes.stat().st_mode & 0o077 == 0


def test_the_port_it_had_before_comes_first(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        before, usual = one.getsockname()[1], two.getsockname()[1]
        monkeypatch.setattr(server, "PORT", usual)
        workshop.record.port = before
        assert server._free_port(workshop, None) == 0, "both are taken"
        assert server._free_port(workshop, 0) == 0
        two.close()
        assert server._free_port(workshop, None) == usual
        one.close()
        assert server._free_port(workshop, None) == before
