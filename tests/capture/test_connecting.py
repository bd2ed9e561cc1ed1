from __future__ import annotations

import pytest

from replaykit.capture import Connection, Endpoint, connect
from replaykit.capture.connecting import explain_refusal
from replaykit.errors import ServiceError
from tests.capture.fake_frontend import hanging_up_frontend, refusing_frontend, silent_frontend
from tests.conftest import free_port

CORE = "Failed client connect: Server connection error: tonic::transport::Error(Transport, ConnectError({}))"
"""Core's texts (temporalio 1.35.0, Linux), around the part that identifies the cause."""


async def refusal(**options: object) -> str:
    connection = Connection(disable_config_env=True, disable_config_file=True, **options)  # type: ignore[arg-type]
    with pytest.raises(ServiceError) as caught:
        await connect(connection)
    return str(caught.value)


@pytest.mark.asyncio
async def test_connects_and_binds_the_namespace(dev_server: str) -> None:
    client = await connect(
        Connection(
            address=dev_server, namespace="elsewhere", disable_config_file=True, disable_config_env=True
        )
    )
    assert client.namespace == "elsewhere"
    assert client.service_client.config.target_host == dev_server


@pytest.mark.asyncio
async def test_refused_connection_names_the_address_and_the_cure() -> None:
    address = f"127.0.0.1:{free_port()}"
    message = await refusal(address=address)
    assert message.startswith(f"Temporal service at {address}: nothing listens there")
    assert "temporal server start-dev" in message
    assert "Error(" not in message


@pytest.mark.asyncio
async def test_silence_ends_at_the_time_limit() -> None:
    with silent_frontend() as address:
        message = await refusal(address=address, connect_timeout_s=0.5)
    assert message.startswith(f"Temporal service at {address}: no answer within 0.5 s")


@pytest.mark.asyncio
async def test_unknown_host() -> None:
    assert "no host of that name" in await refusal(address="no-such-host.invalid:7233")


@pytest.mark.asyncio
async def test_tls_to_a_service_without_it(dev_server: str) -> None:
    message = await refusal(address=dev_server, tls=True)
    assert "it does not speak TLS" in message
    assert "--no-tls" in message


@pytest.mark.asyncio
async def test_no_tls_to_a_service_that_wants_it() -> None:
    with hanging_up_frontend() as address:
        message = await refusal(address=address)
    assert "it closed the connection" in message
    assert "--tls or --api-key" in message


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("code", "what"),
    [
        (16, "it does not accept these credentials. Check --api-key"),
        (7, "permission denied"),
        (14, "the service is unavailable"),
    ],
)
async def test_refused_by_status(code: int, what: str) -> None:
    with refusing_frontend(code, "no", lets_connect=False) as address:
        assert what in await refusal(address=address)


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) }", "--tls-ca-path"),
        (
            "Custom { kind: InvalidData, error: InvalidCertificate(NotValidForNameContext { "
            'expected: IpAddress(V4(Ipv4Addr([127, 0, 0, 1]))), presented: ["other.example"] }) }',
            "--tls-server-name",
        ),
        ("Custom { kind: InvalidData, error: InvalidCertificate(Expired) }", "Renew it"),
        ("PrivateKeyParseError", "Both must be PEM"),
        ('Status { code: Unimplemented, message: "nope" }', "Give the gRPC port"),
    ],
)
def test_causes_have_their_cure(text: str, cure: str) -> None:
    error = explain_refusal(Endpoint(address="a:1", namespace="n", tls=True), CORE.format(text))
    assert error.cure is not None
    assert cure in error.cure


def test_a_text_nobody_knows_is_shown_as_it_is() -> None:
    error = explain_refusal(Endpoint(address="a:1", namespace="n"), "Failed client connect: a new\nreason")
    assert str(error) == "Temporal service at a:1: a new"


@pytest.mark.parametrize(
    "text",
    [
        "tonic::transport::Error(Transport, hyper::Error(Io, Custom { kind: Eof })): transport error",
        "`get_system_info` call error after connection: Status { code: Cancelled, message: "
        '"operation was canceled", source: Some(tonic::transport::Error(Transport, hyper::Error(Canceled, '
        '"connection closed"))) }',
    ],
)
def test_a_connection_that_is_closed_is_one_whenever_that_is(text: str) -> None:
    error = explain_refusal(Endpoint(address="a:1", namespace="n"), text)
    assert error.what == "it closed the connection"
