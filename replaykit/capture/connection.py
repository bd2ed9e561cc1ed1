"""Where a Temporal service is and how to speak to it: the options of the `temporal` CLI.

A `Connection` is what the user asked for; `resolve` joins it with the `TEMPORAL_*` environment variables and
the profile of the TOML file (https://docs.temporal.io/develop/environment-configuration), read through
`temporalio.envconfig`. Options beat the environment, the environment beats the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.envconfig import ClientConfig, ClientConfigProfile, ClientConfigTLS, DataSource
from temporalio.service import TLSConfig

from replaykit.errors import ConfigError

__all__ = ["DEFAULT_ADDRESS", "DEFAULT_CONNECT_TIMEOUT_S", "Connection", "Endpoint", "resolve"]

DEFAULT_ADDRESS = "localhost:7233"
DEFAULT_NAMESPACE = "default"
DEFAULT_CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """What was asked for on the command line; None leaves it to the environment and the file."""

    address: str | None = None
    """`HOST:PORT` of the frontend."""
    namespace: str | None = None
    api_key: str | None = field(default=None, repr=False)
    tls: bool | None = None
    """True or False decide; None means TLS where an API key or a TLS option is given."""
    tls_cert_path: Path | None = None
    tls_cert_data: str | None = field(default=None, repr=False)
    tls_key_path: Path | None = None
    tls_key_data: str | None = field(default=None, repr=False)
    tls_ca_path: Path | None = None
    tls_ca_data: str | None = field(default=None, repr=False)
    tls_server_name: str | None = None
    tls_disable_host_verification: bool = False
    """The Temporal Python SDK cannot do this; asking for it is refused."""
    client_authority: str | None = None
    """Refused too: the SDK sets the `:authority` header together with the TLS server name alone."""
    grpc_meta: tuple[tuple[str, str], ...] = ()
    """Headers of every request, as pairs of name and value."""
    identity: str | None = None
    connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S
    profile: str | None = None
    config_file: Path | None = None
    disable_config_file: bool = False
    disable_config_env: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A Connection with every question answered: what a client is made from."""

    address: str
    namespace: str
    api_key: str | None = field(default=None, repr=False)
    tls: TLSConfig | bool = field(default=False, repr=False)
    grpc_meta: Mapping[str, str] = field(default_factory=dict, repr=False)
    identity: str | None = None
    connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S

    @property
    def has_client_certificate(self) -> bool:
        return isinstance(self.tls, TLSConfig) and self.tls.client_cert is not None


def resolve(connection: Connection, environ: Mapping[str, str] | None = None) -> Endpoint:
    """Join options, environment and configuration file.

    Args:
        connection: What was asked for.
        environ: The environment variables; those of the process by default.

    Raises:
        ConfigError: Options that exclude each other, an unknown profile, a file that cannot be read,
            an address that is not `HOST:PORT`, or something that the SDK cannot do.
    """
    environ = dict(os.environ if environ is None else environ)  # the SDK takes nothing but a dict
    _refuse_the_impossible(connection, environ)
    profile = _load_profile(connection, environ)
    meta = {**profile.grpc_meta, **dict(connection.grpc_meta)}
    api_key = connection.api_key or profile.api_key
    return Endpoint(
        address=_checked_address(connection.address or profile.address or DEFAULT_ADDRESS),
        namespace=connection.namespace or profile.namespace or DEFAULT_NAMESPACE,
        api_key=api_key,
        tls=_resolve_tls(connection, profile.tls, wanted_by_key=api_key is not None),
        grpc_meta={name.lower(): value for name, value in meta.items()},  # gRPC knows lower-case names only
        identity=connection.identity,
        connect_timeout_s=connection.connect_timeout_s,
    )


def _refuse_the_impossible(connection: Connection, environ: dict[str, str]) -> None:
    if connection.client_authority is not None:
        raise ConfigError(
            "the Temporal Python SDK sets the :authority header together with the TLS server name alone",
            where="--client-authority",
            cure="Use --tls-server-name.",
        )
    variable = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"
    by_environment = not connection.disable_config_env and environ.get(variable, "").lower() in ("1", "true")
    if connection.tls_disable_host_verification or by_environment:
        raise ConfigError(
            "the Temporal Python SDK always verifies the host name of the service",
            where="--tls-disable-host-verification" if connection.tls_disable_host_verification else variable,
            cure="Name the host that the certificate is for with --tls-server-name, "
            "and the CA that signed it with --tls-ca-path.",
        )


def _load_profile(connection: Connection, environ: dict[str, str]) -> ClientConfigProfile:
    if connection.config_file and not connection.disable_config_file and not connection.config_file.is_file():
        raise ConfigError("no such file", where=f"--config-file {connection.config_file}")
    if connection.disable_config_file and connection.disable_config_env:
        return ClientConfigProfile()  # the SDK refuses to load from nowhere
    source = None if connection.disable_config_file else connection.config_file
    try:
        return ClientConfigProfile.load(
            connection.profile,
            config_source=source,
            disable_file=connection.disable_config_file,
            disable_env=connection.disable_config_env,
            override_env_vars=None if connection.disable_config_env else environ,
        )
    except RuntimeError as error:
        file = connection.config_file or environ.get("TEMPORAL_CONFIG_FILE") or "the default file"
        # The parser quotes the line that it stumbles over, which may be the one with the key.
        reason = "\n".join(line for line in str(error).splitlines() if not re.match(r"\s*\d*\s*\|", line))
        raise ConfigError(
            reason.strip(),
            where=f"Temporal client configuration ({file})",
            cure=_profiles_that_exist(source, environ),
        ) from None


def _profiles_that_exist(source: Path | None, environ: dict[str, str]) -> str | None:
    try:
        names = sorted(ClientConfig.load(config_source=source, override_env_vars=environ).profiles)
    except RuntimeError:  # the file cannot be read, which the message has already
        return None
    known = ", ".join(names) if names else "none"
    return f"Profiles that exist: {known}. Choose one with --profile or TEMPORAL_PROFILE."


def _checked_address(address: str) -> str:
    if "://" in address:
        cure = f"Leave the scheme out: --address {address.split('://', 1)[1].rstrip('/')}; TLS is --tls."
        raise ConfigError("an address has no scheme", where=f"address {address!r}", cure=cure)
    host, colon, port = address.rpartition(":")
    if not (host and colon and port.isdigit() and 0 < int(port) < 65536):
        raise ConfigError(
            "not an address of the form HOST:PORT",
            where=f"address {address!r}",
            cure="A Temporal frontend usually listens on port 7233.",
        )
    return address


def _resolve_tls(
    connection: Connection, profile: ClientConfigTLS | None, *, wanted_by_key: bool
) -> TLSConfig | bool:
    asked = {
        "cert": _source("cert", connection.tls_cert_path, connection.tls_cert_data),
        "key": _source("key", connection.tls_key_path, connection.tls_key_data),
        "ca": _source("ca", connection.tls_ca_path, connection.tls_ca_data),
    }
    profile = profile or ClientConfigTLS()
    asked_here = bool(connection.tls_server_name) or any(source is not None for source in asked.values())
    settled = connection.tls
    if settled is None and asked_here:
        settled = True
    if settled is None and profile.disabled is not None:
        settled = not profile.disabled
    if settled is None:
        settled = wanted_by_key or profile != ClientConfigTLS()
    if not settled:
        return False
    certificate = _read(asked["cert"] or profile.client_cert, "client certificate", "--tls-cert-path")
    key = _read(asked["key"] or profile.client_private_key, "private key", "--tls-key-path")
    if (certificate is None) != (key is None):
        missing = "--tls-key-path" if key is None else "--tls-cert-path"
        raise ConfigError("a client certificate and its private key go together", cure=f"Give {missing} too.")
    return TLSConfig(
        server_root_ca_cert=_read(
            asked["ca"] or profile.server_root_ca_cert, "CA certificate", "--tls-ca-path"
        ),
        domain=connection.tls_server_name or profile.server_name,
        client_cert=certificate,
        client_private_key=key,
    )


def _source(name: str, path: Path | None, data: str | None) -> DataSource | None:
    if path is not None and data is not None:
        raise ConfigError(
            f"--tls-{name}-path and --tls-{name}-data exclude each other", cure="Give one of them."
        )
    return path if path is not None else data


def _read(source: DataSource | None, what: str, option: str) -> bytes | None:
    if not isinstance(source, Path):
        return source.encode() if isinstance(source, str) else source
    try:
        return source.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the {what} cannot be read: {error.strerror}",
            where=str(source),
            cure=f"Give its file with {option}.",
        ) from error
