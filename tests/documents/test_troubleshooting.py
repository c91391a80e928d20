"""docs/troubleshooting.md has the messages that there are, in their own words."""

import re

import pytest

from pannier.engine import messages as of_the_engine
from pannier.model import messages as of_the_model
from tests.documents.blocks import DOCUMENTS
from tests.documents.messages import HOLE, raised, texts

TEXT = (DOCUMENTS / "troubleshooting.md").read_text()
HEADINGS = re.findall(r"^### `(.+)`$", TEXT, re.MULTILINE)
# Where something is wrong that stops everybody: all of their messages are on the page.
STOPPING = (
    "batch/pace/budget.py",
    "batch/journals/job_identity.py",
    "batch/journals/journal_file.py",
    "cli/failures_file.py",
    "cli/job_journals.py",
    "cli/missing_file.py",
    "cli/missing_table.py",
    "cli/output_file.py",
    "files/compression.py",
    "files/formats.py",
    "files/opening.py",
    "files/reading.py",
    "library/connecting.py",
    "library/connection.py",
    "cli/serve_doors.py",
    "service/doorkeeper.py",
    "service/hosts.py",
    "service/listening.py",
    "service/tls",
    "storage",
    "targets",
)
# What batch work meets: these texts of the API are on the page, too.
OF_THE_API = (
    of_the_engine.RESOURCE_NOT_FOUND,
    of_the_engine.DUPLICATE_KEYS,
    of_the_engine.BATCH_GET_TOO_MANY,
    of_the_engine.REQUEST_TOO_LARGE,
    of_the_engine.INTERNAL,
    of_the_engine.CONDITION_FAILED,
    of_the_model.KEY_MISMATCH,
    of_the_model.PARTITION_KEY_SIZE,
    of_the_model.SORT_KEY_SIZE,
    of_the_model.ITEM_SIZE,
    of_the_model.NUMBER_DIGITS,
    of_the_model.NUMBER_OVERFLOW,
    of_the_model.NUMBER_UNDERFLOW,
    of_the_model.VALUE_EMPTY,
    of_the_model.VALUE_MULTIPLE,
    of_the_model.key_missing(HOLE),
    of_the_model.key_type(HOLE, HOLE, HOLE),
    of_the_model.index_key_type(HOLE, HOLE, HOLE, HOLE),
)


def test_there_are_no_headings_twice() -> None:
    assert len(HEADINGS) == len(set(HEADINGS))
    assert len(HEADINGS) >= 100


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_message_on_the_page_is_one_of_the_source(heading: str) -> None:
    assert any(heading in text for text in texts()), heading


def test_messages_that_stop_everybody_are_on_the_page() -> None:
    missing = raised(*STOPPING) - set(HEADINGS)
    assert not missing, "\n".join(sorted(missing))


@pytest.mark.parametrize("text", OF_THE_API)
def test_what_the_api_answers_to_batch_work_is_on_the_page(text: str) -> None:
    assert text in HEADINGS


@pytest.mark.parametrize("code", ["THROTTLED", "THROTTLED_INDEX", "THROTTLED_ON_DEMAND"])
def test_throttles_are_on_the_page(code: str) -> None:
    text = getattr(of_the_engine, code)
    assert any(text.startswith(heading) for heading in HEADINGS)


def test_every_message_is_followed_by_what_to_do() -> None:
    """Under each message, or under the last of several that stand together."""

    together = re.findall(r"^(?:### .+\n\n)+(.+)$", TEXT, re.MULTILINE)
    assert all(not line.startswith("## ") for line in together)
