"""Settings are read from the environment, refuse what would be unsafe, and never show what they hold."""

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from shared.settings import Port, ServiceSettings
from shared.travel.broker import kafka_address


class GallerySettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="VERNISSAGE_GALLERY_")

    web_port: Port = 8009
    worker_port: Port = 8109
    public_url: str = "http://127.0.0.1:8009"


def settings(**more: object) -> ServiceSettings:
    values = {"database_url": "postgresql+asyncpg://u:p@127.0.0.1/x", "seal_secret": SecretStr("s" * 32), **more}
    return GallerySettings.model_validate(values)


def test_a_service_reads_its_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERNISSAGE_GALLERY_DATABASE_URL", "postgresql+asyncpg://u:p@127.0.0.1/gallery")
    monkeypatch.setenv("VERNISSAGE_GALLERY_SEAL_SECRET", "s" * 32)
    monkeypatch.setenv("VERNISSAGE_GALLERY_WORKER_PORT", "8123")
    monkeypatch.setenv("VERNISSAGE_GALLERY_KAFKA_BOOTSTRAP", "kafka:9092")
    read = GallerySettings()
    assert (read.worker_port, read.kafka_bootstrap, read.host) == (8123, "kafka:9092", "127.0.0.1")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "example.org", "::"])  # noqa: S104  refused, not bound
def test_demo_sign_in_refuses_to_listen_beyond_this_machine(host: str) -> None:
    with pytest.raises(ValidationError, match="loopback"):
        settings(demo_sign_in=True, host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "::1", "localhost"])
def test_demo_sign_in_is_allowed_on_this_machine(host: str) -> None:
    assert settings(demo_sign_in=True, host=host).demo_sign_in


def test_tls_has_one_spelling() -> None:
    asked = "postgresql+asyncpg://u:p@127.0.0.1/x?sslmode=verify-full&sslrootcert=/ca.pem"
    assert settings(database_url=asked).database_url == asked
    with pytest.raises(ValidationError, match="sslmode"):
        settings(database_url="postgresql+asyncpg://u:p@127.0.0.1/x?ssl=require")


def test_leaders_and_listeners_go_around_a_pooler() -> None:
    direct = "postgresql+asyncpg://u:p@127.0.0.1:5433/x"
    assert settings(database_direct_url=direct).direct_url == direct
    assert settings().direct_url == settings().database_url


def test_an_error_shows_no_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        settings(database_url="mysql://admin:hunter22@db/x", seal_secret="short-secret")
    assert "hunter22" not in str(caught.value)
    assert "short-secret" not in str(caught.value)
    assert "postgresql+asyncpg://" in str(caught.value)


def test_nothing_secret_is_in_the_representation() -> None:
    assert "hunter22" not in repr(settings(kafka_password="hunter22"))


@pytest.mark.parametrize(
    ("security", "sasl", "protocol", "mechanism"),
    [
        ("plaintext", "plain", None, None),
        ("ssl", "plain", "SSL", None),
        ("sasl-plaintext", "plain", "SASL_PLAINTEXT", "PLAIN"),
        ("sasl-plaintext", "scram-sha-256", "SASL_PLAINTEXT", "SCRAM-SHA-256"),
        ("sasl-ssl", "scram-sha-512", "SASL_SSL", "SCRAM-SHA-512"),
    ],
)
def test_somebody_elses_kafka_is_entered_as_it_asks(
    security: str, sasl: str, protocol: str | None, mechanism: str | None
) -> None:
    options = kafka_address(
        settings(kafka_security=security, kafka_sasl=sasl, kafka_user="gallery", kafka_password="hunter22")
    ).client_options()
    assert options.get("security_protocol") == protocol
    assert options.get("sasl_mechanism") == mechanism
    assert options.get("sasl_plain_username") == ("gallery" if mechanism else None)
    assert (options.get("ssl_context") is not None) == (protocol is not None and protocol.endswith("SSL"))
