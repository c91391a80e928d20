"""One browser for the tests of a file.

Not for longer: while Playwright is there, its event loop is this thread's, and tests of other files
could not have loops of their own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
