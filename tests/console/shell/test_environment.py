from pannier.console.pages.shell.environment import environment_of

OWN = {
    "PATH": "/bin",
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "secret",
    "AWS_ACCESS_KEY_ID": "real",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://elsewhere",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "PANNIER_TARGET": "aws",
}


def test_a_server_on_this_machine_gets_no_credentials_of_the_user() -> None:
    found = environment_of("http://127.0.0.1:8000", OWN)
    assert found["PANNIER_TARGET"] == found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8000"
    assert found["AWS_ACCESS_KEY_ID"] == "local"
    assert found["AWS_DEFAULT_REGION"] == "us-east-1"
    assert found["PATH"] == "/bin"
    gone = set(OWN) - {"PATH", "AWS_ACCESS_KEY_ID", "PANNIER_TARGET"}
    assert not gone & set(found)


def test_at_aws_the_users_chain_is_left_as_it_is() -> None:
    found = environment_of("aws", OWN)
    assert {name: found[name] for name in OWN} == OWN
    assert "AWS_ENDPOINT_URL" not in found
    assert found["AWS_PAGER"] == ""


def test_another_machine_gets_the_users_credentials_and_its_own_address() -> None:
    found = environment_of("https://db.example.com", OWN)
    assert found["AWS_ENDPOINT_URL"] == "https://db.example.com"
    assert found["AWS_ACCESS_KEY_ID"] == "real"
    assert "AWS_ENDPOINT_URL_DYNAMODB" not in found


def test_a_server_with_credentials_gets_those_that_are_its_own() -> None:
    """They are known by their key id; those of AWS never are."""
    own = {**OWN, "AWS_ACCESS_KEY_ID": "PANNABCDEFGH12345678", "AWS_SECRET_ACCESS_KEY": "s"}
    found = environment_of("http://127.0.0.1:8000", own)
    assert found["AWS_ACCESS_KEY_ID"] == "PANNABCDEFGH12345678"
    assert found["AWS_SECRET_ACCESS_KEY"] == "s"
    assert "AWS_SESSION_TOKEN" not in found
