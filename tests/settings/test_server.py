"""Settings of the server."""

from oven.settings.server import ServerSettings


def test_defaults() -> None:
    """On loopback, closed to others, two jobs at once."""
    settings = ServerSettings.model_validate({})
    assert (settings.host, settings.port, settings.socket) == ("127.0.0.1", 3000, None)
    assert (settings.concurrency, settings.queue_limit, settings.keep_days) == (2, 100, 30)
    assert not settings.callback_secret.get_secret_value()
    assert not settings.admin_token.get_secret_value()


def test_secrets_are_not_shown() -> None:
    """Whatever is printed of the settings."""
    settings = ServerSettings.model_validate({"CALLBACK_SECRET": "canary", "OVEN_ADMIN_TOKEN": "canary"})
    assert "canary" not in f"{settings!r}{settings}{settings.model_dump_json()}"
