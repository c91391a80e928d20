"""Clients of CloudWatch by the protocol that they speak."""

from typing import Any

import botocore.model
import botocore.session
import pytest

PROTOCOLS = ("json", "smithy-rpc-v2-cbor", "query")


def client(service: str, url: str) -> Any:
    """A botocore client as programs make it; one attempt, so that no test waits for retries."""
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )


def cloudwatch_client(protocol: str, url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of CloudWatch that speaks one protocol, whatever it would prefer."""
    with monkeypatch.context() as patch:
        patch.setattr(botocore.model, "PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (protocol,))
        made = client("cloudwatch", url)
        assert made.meta.service_model.resolved_protocol == protocol
    return made
