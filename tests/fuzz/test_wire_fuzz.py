"""A bounded run of the wire fuzzer."""

import json

from tests.conftest import serving
from tests.differential.requests import creations
from tests.fuzz.driving import Driver


def test_no_request_however_malformed_gets_a_5xx_or_closes_the_server() -> None:
    """AWS answers every malformed request with a 4xx; so does Pannier, and it goes on serving."""
    with serving("--memory") as (url, _):
        driver = Driver(url, seed=20261123)
        for operation, request in creations():
            target = b"DynamoDB_20120810." + operation.encode()
            status, _ = driver.send(target, json.dumps(request).encode())
            assert status == 200
        for _ in range(3000):
            driver.step()
        assert driver.failures == []
        assert driver.statuses[400] > 1000  # the fuzzer does make bad requests
        assert driver.statuses[200] > 100  # and some that are good
        status, answer = driver.send(b"DynamoDB_20120810.ListTables", b"{}")
        assert status == 200, answer
        driver.close()
