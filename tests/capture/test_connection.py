from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from temporalio.service import TLSConfig

from replaykit.capture import Connection, resolve
from replaykit.errors import ConfigError

PROFILES = """\
[profile.default]
address = "file.example:7233"
namespace = "from-file"

[profile.default.grpc_meta]
team = "file"
region = "file"

[profile.cloud]
address = "us-east-1.aws.api.temporal.io:7233"
namespace = "shop.a1b2c"
api_key = "secret-of-the-file"

[profile.plain]
api_key = "secret"

[profile.plain.tls]
disabled = true
"""


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    path = tmp_path / "temporal.toml"
    path.write_text(PROFILES, encoding="utf-8")
    return path


@pytest.fixture
def certificates(tmp_path: Path) -> dict[str, Path]:
    files = {name: tmp_path / f"{name}.pem" for name in ("cert", "key", "ca")}
    for name, path in files.items():
        path.write_bytes(f"the {name}".encode())
    return files


def settle(environ: dict[str, str] | None = None, **options: Any) -> Any:
    """Resolve under these variables alone; no file of the machine that the test runs on is read."""
    return resolve(Connection(**options), {"TEMPORAL_CONFIG_FILE": "nowhere.toml", **(environ or {})})


def test_defaults_are_those_of_the_temporal_cli() -> None:
    endpoint = settle()
    assert (endpoint.address, endpoint.namespace) == ("localhost:7233", "default")
    assert endpoint.tls is False
    assert endpoint.connect_timeout_s == 10


def test_options_beat_environment_beats_file(profiles: Path) -> None:
    environ = {"TEMPORAL_CONFIG_FILE": str(profiles)}
    assert settle(environ).address == "file.example:7233"
    environ["TEMPORAL_ADDRESS"] = "environment.example:7233"
    assert settle(environ).address == "environment.example:7233"
    endpoint = settle(environ, address="option.example:7233")
    assert endpoint.address == "option.example:7233"
    assert endpoint.namespace == "from-file"


def test_sources_can_be_switched_off(profiles: Path) -> None:
    environ = {"TEMPORAL_CONFIG_FILE": str(profiles), "TEMPORAL_ADDRESS": "environment.example:7233"}
    assert settle(environ, disable_config_env=True, config_file=profiles).address == "file.example:7233"
    assert settle(environ, disable_config_file=True).namespace == "default"
    assert settle(environ, disable_config_file=True, disable_config_env=True).address == "localhost:7233"


def test_headers_are_joined_name_by_name(profiles: Path) -> None:
    endpoint = settle(config_file=profiles, grpc_meta=(("Team", "option"), ("x-trace", "1")))
    assert endpoint.grpc_meta == {"team": "option", "region": "file", "x-trace": "1"}


def test_profile_by_option_and_by_variable(profiles: Path) -> None:
    environ = {"TEMPORAL_CONFIG_FILE": str(profiles), "TEMPORAL_PROFILE": "cloud"}
    assert settle(environ).namespace == "shop.a1b2c"
    assert settle(environ, profile="default").namespace == "from-file"


def test_unknown_profile_names_those_that_exist(profiles: Path) -> None:
    with pytest.raises(ConfigError, match=r"'clud' not found.*cloud, default, plain"):
        settle(config_file=profiles, profile="clud")


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such file"):
        settle(config_file=tmp_path / "nowhere.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[profile.default", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"broken\.toml\): .*TOML parse error at line 1"):
        settle(config_file=broken)


def test_api_key_implies_tls_unless_switched_off(profiles: Path) -> None:
    assert settle(api_key="k").tls == TLSConfig()
    assert settle(api_key="k", tls=False).tls is False
    assert settle(config_file=profiles, profile="cloud").tls == TLSConfig()
    assert settle(config_file=profiles, profile="plain").tls is False
    assert settle(config_file=profiles, profile="plain", tls=True).tls == TLSConfig()


def test_api_key_is_not_shown() -> None:
    assert "hunter2" not in repr(Connection(api_key="hunter2"))
    assert "hunter2" not in repr(settle(api_key="hunter2"))


def test_mtls_from_files(certificates: dict[str, Path]) -> None:
    endpoint = settle(
        tls_cert_path=certificates["cert"],
        tls_key_path=certificates["key"],
        tls_ca_path=certificates["ca"],
        tls_server_name="temporal.example",
    )
    assert endpoint.tls == TLSConfig(
        server_root_ca_cert=b"the ca",
        domain="temporal.example",
        client_cert=b"the cert",
        client_private_key=b"the key",
    )
    assert endpoint.has_client_certificate


def test_mtls_from_the_environment_with_one_part_replaced(certificates: dict[str, Path]) -> None:
    environ = {
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificates["cert"]),
        "TEMPORAL_TLS_CLIENT_KEY_DATA": "key of the environment",
    }
    tls = settle(environ, disable_config_file=True).tls
    assert (tls.client_cert, tls.client_private_key) == (b"the cert", b"key of the environment")
    tls = settle(environ, disable_config_file=True, tls_key_path=certificates["key"]).tls
    assert (tls.client_cert, tls.client_private_key) == (b"the cert", b"the key")


def test_tls_variable() -> None:
    assert settle({"TEMPORAL_TLS": "true"}).tls == TLSConfig()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tls_cert_data": "c"}, "go together. Give --tls-key-path too"),
        ({"tls_key_data": "k"}, "go together. Give --tls-cert-path too"),
        (
            {"tls_ca_data": "c", "tls_ca_path": Path("ca.pem")},
            "--tls-ca-path and --tls-ca-data exclude each other",
        ),
        ({"tls_ca_path": Path("nowhere/ca.pem")}, "ca.pem: the CA certificate cannot be read: No such file"),
        ({"address": "https://a.example:7233"}, "Leave the scheme out: --address a.example:7233"),
        ({"address": "a.example"}, "not an address of the form HOST:PORT"),
        ({"address": "a.example:99999"}, "not an address of the form HOST:PORT"),
        ({"tls_disable_host_verification": True}, "always verifies the host name"),
        ({"client_authority": "a.example"}, "Use --tls-server-name"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settle(disable_config_file=True, **options)
    assert message in str(caught.value)


def test_unverified_hosts_are_refused_from_the_environment_too() -> None:
    environ = {"TEMPORAL_TLS_DISABLE_HOST_VERIFICATION": "true"}
    with pytest.raises(ConfigError, match="TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: "):
        settle(environ, disable_config_file=True)
    assert settle(environ, disable_config_file=True, disable_config_env=True).tls is False
