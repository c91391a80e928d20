"""Exit statuses."""

from typing import Final

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
# What `aws` ends with when the service refuses a call.
SERVICE_REFUSED: Final = 254
