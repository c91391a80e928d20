"""Where metrics lie in the store: a space of their own, the last but one there is.

```
s | series (4)                                    its record
p | day since 1970 (2) | series (4) | second (3)  a point; see `point`
c | table and index, as JSON                      its provisioned throughput over time
a | alarm's name                                  the alarm
h | time in ms (8) | number (4)                   an entry of the alarms' history
```

Days come first, so that a day is trimmed by removing one range.
"""

from typing import Final

from pannier.engine.rows import space_prefix

# Spaces of tables are numbered from 1, of expiry times from 0x40000000, of streams from 0x80000000.
METRICS_SPACE: Final = 0xFFFF_FFFE
_SPACE: Final = space_prefix(METRICS_SPACE)

SERIES_PREFIX: Final = _SPACE + b"s"
POINT_PREFIX: Final = _SPACE + b"p"
THROUGHPUT_PREFIX: Final = _SPACE + b"c"
ALARM_PREFIX: Final = _SPACE + b"a"
HISTORY_PREFIX: Final = _SPACE + b"h"

RETENTION_S: Final = 15 * 24 * 3600


def after(prefix: bytes) -> bytes:
    """The first key that is beyond all keys with a prefix."""
    return prefix[:-1] + bytes([prefix[-1] + 1])
