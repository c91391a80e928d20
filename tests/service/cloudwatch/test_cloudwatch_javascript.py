"""CloudWatch's client of the JavaScript SDK v3, whose protocols share no code with Python's."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import serving

SDK = "@aws-sdk/client-cloudwatch"
VERSION = "3.1164.0"
FOLDER = Path(__file__).parents[3] / ".bench" / "js-cloudwatch"
PROGRAM = Path(__file__).parents[1] / "javascript" / "cloudwatch.mjs"

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="needs node and npm"
)


@pytest.fixture(scope="module", name="sdk")
def _sdk() -> Path:
    """The folder in which the SDK is installed, once, in its pinned version."""
    described = FOLDER / "node_modules" / SDK / "package.json"
    if not described.exists() or json.loads(described.read_bytes())["version"] != VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true}\n')
        options = ["--no-audit", "--no-fund", "--no-progress", "--ignore-scripts", "--save-exact"]
        subprocess.run(
            ["npm", "install", *options, f"{SDK}@{VERSION}"],
            cwd=FOLDER,
            check=True,
            capture_output=True,
            timeout=180,
        )
    return FOLDER


@pytest.mark.parametrize(
    ("protocol", "content_type"),
    [
        ("json", "application/x-amz-json-1.0"),
        ("cbor", "application/cbor"),
        ("query", "application/x-www-form-urlencoded"),
    ],
)
def test_metrics_and_alarms(sdk: Path, protocol: str, content_type: str):
    """Publish, list, ask, do the sums, set an alarm, catch an error by its name."""
    program = sdk / PROGRAM.name  # Node looks for modules beside the program
    shutil.copyfile(PROGRAM, program)
    with serving("--memory") as (url, _):
        ended = subprocess.run(
            ["node", str(program)],
            env={
                **os.environ,
                "AWS_ENDPOINT_URL": url,
                "AWS_REGION": "us-east-1",
                "PROTOCOL": protocol,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen.pop("sent") == content_type
    assert seen == {
        "listed": [
            {
                "Namespace": "JavaScript",
                "MetricName": "visits",
                "Dimensions": [{"Name": "page", "Value": "höme"}],
            }
        ],
        "sum": 4.5,
        "samples": 3,
        "aDate": True,
        "times": [0],
        "values": [[4.5], [9]],
        "alarm": "INSUFFICIENT_DATA",
        "threshold": 0.5,
        "refused": {
            "name": "ResourceNotFound",
            "message": "Alarm nobody does not exist.",
            "status": 404,
        },
    }
