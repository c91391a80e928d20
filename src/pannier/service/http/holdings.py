"""What the connections of a server hold in memory for their clients, counted together.

Each connection keeps within bounds of its own, but ten thousand of them must not add up.
"""

from typing import Any


class Holdings:
    """Sizes by holder, in the order in which they began to hold something."""

    def __init__(self) -> None:
        self.total_bytes = 0
        self._sizes: dict[Any, int] = {}

    def hold(self, holder: Any, size_bytes: int) -> None:
        """What a holder holds from now on; 0 if nothing any more."""
        sizes = self._sizes
        before = sizes.get(holder)
        if before is None:
            if size_bytes:
                sizes[holder] = size_bytes
                self.total_bytes += size_bytes
            return
        self.total_bytes += size_bytes - before
        if size_bytes:
            sizes[holder] = size_bytes
        else:
            del sizes[holder]

    @property
    def oldest(self) -> Any:
        """Who has held something for longest; None if nobody does."""
        for holder in self._sizes:
            return holder
        return None
