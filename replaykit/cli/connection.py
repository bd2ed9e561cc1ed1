"""The connection options of the `temporal` CLI, for every command that speaks to a service."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from replaykit.cli.arguments import as_text

__all__ = ["connection_options"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_FILE = click.Path(dir_okay=False, path_type=Path)


def _duration(ctx: click.Context, param: click.Parameter, value: str) -> float:
    """Seconds of a duration as the `temporal` CLI takes it (`10s`, `500ms`, `1m30s`), or of a bare number."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", value)
    if parts and "".join(number + unit for number, unit in parts) == value:
        seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    elif re.fullmatch(r"\d+(\.\d+)?", value):
        seconds = float(value)
    else:
        raise click.BadParameter(f"{value!r} is not a duration such as 10s or 1m30s.", ctx, param)
    if seconds <= 0:
        raise click.BadParameter("no time is left to connect.", ctx, param)
    return seconds


def _pairs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """`KEY=VALUE` texts as pairs."""
    pairs = []
    for text in values:
        key, separator, value = text.partition("=")
        if not (key and separator):
            # Not the text itself: it may be the value of an authorization header.
            raise click.BadParameter("a value is not of the form KEY=VALUE.", ctx, param)
        pairs.append((key, value))
    return tuple(pairs)


_OPTIONS = (
    click.option(
        "--address", metavar="HOST:PORT", help="Frontend of the service.  [TEMPORAL_ADDRESS; localhost:7233]"
    ),
    click.option(
        "-n",
        "--namespace",
        metavar="NAME",
        callback=as_text,
        help="Namespace.  [TEMPORAL_NAMESPACE; default]",
    ),
    click.option("--api-key", metavar="KEY", help="API key; implies TLS.  [TEMPORAL_API_KEY]"),
    click.option(
        "--tls/--no-tls",
        default=None,
        help="TLS; on where an API key or a TLS option is given.  [TEMPORAL_TLS]",
    ),
    click.option(
        "--tls-cert-path", type=_FILE, help="Client certificate (mTLS), PEM.  [TEMPORAL_TLS_CLIENT_CERT_PATH]"
    ),
    click.option("--tls-cert-data", metavar="PEM", help="The same, inline.  [TEMPORAL_TLS_CLIENT_CERT_DATA]"),
    click.option("--tls-key-path", type=_FILE, help="Its private key, PEM.  [TEMPORAL_TLS_CLIENT_KEY_PATH]"),
    click.option("--tls-key-data", metavar="PEM", help="The same, inline.  [TEMPORAL_TLS_CLIENT_KEY_DATA]"),
    click.option(
        "--tls-ca-path",
        type=_FILE,
        help="CA of the service's certificate.  [TEMPORAL_TLS_SERVER_CA_CERT_PATH]",
    ),
    click.option(
        "--tls-ca-data", metavar="PEM", help="The same, inline.  [TEMPORAL_TLS_SERVER_CA_CERT_DATA]"
    ),
    click.option(
        "--tls-server-name", metavar="NAME", help="Host name to verify against.  [TEMPORAL_TLS_SERVER_NAME]"
    ),
    click.option("--tls-disable-host-verification", is_flag=True, hidden=True),
    click.option("--client-authority", hidden=True),
    click.option(
        "--grpc-meta",
        callback=_pairs,
        multiple=True,
        metavar="KEY=VALUE",
        help="Header of every request; repeatable.",
    ),
    click.option("--identity", metavar="TEXT", help="Identity of this client."),
    click.option(
        "--client-connect-timeout",
        "connect_timeout_s",
        callback=_duration,
        default="10s",
        show_default=True,
        metavar="DURATION",
        help="How long to wait for a connection.",
    ),
    click.option("--profile", metavar="NAME", help="Profile of the configuration file.  [TEMPORAL_PROFILE]"),
    click.option("--config-file", type=_FILE, help="TOML file with profiles.  [TEMPORAL_CONFIG_FILE]"),
    click.option("--disable-config-file", is_flag=True, help="Read no configuration file."),
    click.option("--disable-config-env", is_flag=True, help="Read no TEMPORAL_* variables."),
)


def connection_options(command: _Command) -> _Command:
    """Give a command the connection options; it receives them as one `connection: Connection`."""

    @functools.wraps(command)
    def with_connection(*args: Any, **kwargs: Any) -> Any:
        # Imported here: temporalio takes half a second, and `--help` or a misspelt option need none of it.
        from replaykit.capture import Connection

        given = {field.name: kwargs.pop(field.name) for field in dataclasses.fields(Connection)}
        return command(*args, connection=Connection(**given), **kwargs)

    for option in reversed(_OPTIONS):
        with_connection = option(with_connection)
    return with_connection  # type: ignore[return-value]
