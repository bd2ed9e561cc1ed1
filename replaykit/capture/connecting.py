"""From a Connection to a connected client, or to one line with the reason why not.

Core reports a failed connection as the debug text of a Rust error; `explain_refusal` alone reads it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RetryConfig

from replaykit.capture.connection import Connection, Endpoint, resolve
from replaykit.capture.runtime import quiet_runtime
from replaykit.errors import ServiceError

__all__ = ["connect", "explain_refusal"]

_RETRIES = RetryConfig(max_elapsed_time_millis=8_000)
"""Of single requests on a connection that stands. Core's own default can go on for 15 seconds."""


async def connect(connection: Connection) -> Client:
    """Connect to the service that a Connection names.

    Raises:
        ConfigError: The Connection cannot be made sense of; see `resolve`.
        ServiceError: No connection within `connect_timeout_s` (10 seconds by default).
    """
    endpoint = resolve(connection)
    attempt = Client.connect(
        endpoint.address,
        namespace=endpoint.namespace,
        api_key=endpoint.api_key,
        tls=endpoint.tls,
        rpc_metadata=endpoint.grpc_meta,
        identity=endpoint.identity,
        retry_config=_RETRIES,
        runtime=quiet_runtime(),
    )
    try:
        return await asyncio.wait_for(attempt, endpoint.connect_timeout_s)
    except asyncio.TimeoutError as error:
        raise ServiceError(
            f"no answer within {endpoint.connect_timeout_s:g} s",
            where=_where(endpoint),
            cure="Check the address, the network and its firewalls; --address HOST:PORT names another one.",
        ) from error
    except (RuntimeError, ValueError) as error:
        raise explain_refusal(endpoint, str(error)) from error


@dataclass(frozen=True, slots=True)
class _Cause:
    signs: tuple[str, ...]
    what: str
    cure: str


_CAUSES = (
    _Cause(("dns error",), "no host of that name", "Check the address: --address HOST:PORT."),
    _Cause(
        ("ConnectionRefused",),
        "nothing listens there (connection refused)",
        "Start a service (temporal server start-dev), or name another one: --address HOST:PORT.",
    ),
    _Cause(
        ("NetworkUnreachable", "HostUnreachable", "TimedOut"),
        "the host cannot be reached",
        "Check the address, the network and its firewalls.",
    ),
    _Cause(
        ("InvalidContentType",),
        "it does not speak TLS",
        "Leave TLS off: --no-tls, or no API key and no TLS options.",
    ),
    _Cause(
        ("UnknownIssuer",),
        "TLS: its certificate is signed by an authority that this machine does not trust",
        "Give the CA certificate: --tls-ca-path FILE.",
    ),
    _Cause(
        ("NotValidForName",),
        "TLS: its certificate is for another host name",
        "Give the name that it is for: --tls-server-name NAME.",
    ),
    _Cause(
        ("Expired", "NotValidYet"), "TLS: its certificate is out of date", "Renew it, or check this clock."
    ),
    _Cause(
        ("InvalidCertificate",), "TLS: its certificate was not accepted", "Give its CA: --tls-ca-path FILE."
    ),
    _Cause(
        ("PrivateKeyParseError", "CertificateParseError", "client cert"),
        "TLS: the client certificate or its key cannot be used",
        "Both must be PEM and belong together: --tls-cert-path and --tls-key-path.",
    ),
    _Cause(
        ("code: Unauthenticated",),
        "it does not accept these credentials",
        "Check --api-key (TEMPORAL_API_KEY) or the client certificate.",
    ),
    _Cause(
        ("code: PermissionDenied",),
        "permission denied",
        "Check that the API key or client certificate may read the namespace.",
    ),
    _Cause(
        ("code: Unimplemented",),
        "something answers there, but it is no Temporal frontend",
        "Give the gRPC port (7233 usually), not that of the Web UI (8233 or 443).",
    ),
    _Cause(("code: Unavailable",), "the service is unavailable", "Try again when it is up."),
)
"""What Core's text holds and what that means; the first that fits is taken."""


_HANG_UPS = ("transport error", '"connection closed"', "operation was canceled")
"""The same, by when in its first request the other side is gone."""


def explain_refusal(endpoint: Endpoint, text: str) -> ServiceError:
    """The error for a connection that Core could not make.

    Args:
        endpoint: What was connected to.
        text: Core's text, such as `Failed client connect: Server connection error: ...`.
    """
    for cause in _CAUSES:
        if any(sign in text for sign in cause.signs):
            return ServiceError(cause.what, where=_where(endpoint), cure=cause.cure)
    if any(sign in text for sign in _HANG_UPS):
        return ServiceError(
            "it closed the connection", where=_where(endpoint), cure=_cure_of_hang_up(endpoint)
        )
    return ServiceError(_first_line(text), where=_where(endpoint))


def _cure_of_hang_up(endpoint: Endpoint) -> str:
    if not endpoint.tls:
        return "It may want TLS (Temporal Cloud does): --tls or --api-key. Or it is no Temporal frontend."
    if not endpoint.has_client_certificate:
        return "It may want a client certificate: --tls-cert-path FILE --tls-key-path FILE."
    return "It may not accept this client certificate."


def _where(endpoint: Endpoint) -> str:
    return f"Temporal service at {endpoint.address}"


def _first_line(text: str) -> str:
    line = text.removeprefix("Failed client connect: ").strip().splitlines()
    return line[0][:300] if line else "the connection failed"
