"""How long a service asks to wait, in the headers of its answer."""

from collections.abc import Mapping


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """`x-amz-retry-after` in milliseconds, else `Retry-After` in seconds; None if there is none.

    A date in `Retry-After`, which HTTP allows too, is taken as none: the local clock may be off.

    Args:
        headers: by names in any case, or in lower case.
    """
    for name, scale in (("x-amz-retry-after", 0.001), ("retry-after", 1.0)):
        try:
            return float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
    return None
