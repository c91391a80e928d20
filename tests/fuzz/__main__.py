"""The command: `python -m tests.fuzz --minutes 10`."""

import argparse
import json
import sys
import time

from tests.conftest import serving
from tests.differential.requests import creations
from tests.fuzz.driving import Driver


def main() -> int:
    """Fuzz a server of its own; returns 0 if it took everything well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with serving("--memory") as (url, _):
        driver = Driver(url, options.seed)
        for operation, request in creations():
            target = b"DynamoDB_20120810." + operation.encode()
            driver.send(target, json.dumps(request).encode())
        end = time.monotonic() + options.minutes * 60
        while time.monotonic() < end and len(driver.failures) < 20:
            driver.step()
        driver.close()
    for failure in driver.failures:
        print(failure)
    print(f"{sum(driver.statuses.values())} requests: {dict(driver.statuses)}")
    return 1 if driver.failures else 0


if __name__ == "__main__":
    sys.exit(main())
