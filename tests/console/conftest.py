"""One browser for the tests of a module.

Not for all of a worker: as long as it is there, its event loop runs in this thread, and tests of
others could begin none of their own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
