"""Settings of object storage."""

from oven.settings.stores import StoreSettings


def test_the_seeds_names() -> None:
    """Spaces are in sfo3 where nothing else is said; a scheme before a CDN's name is left out."""
    given = {
        "AT_BLOBS_CDN": "https://At-Blobs.example/",
        "S3_REGION": "eu-west-1",
        "S3_ENDPOINT": "https://s/",
    }
    settings = StoreSettings.model_validate(given)
    sfo3 = "https://sfo3.digitaloceanspaces.com"
    assert {settings.blobs_endpoint, settings.art_endpoint, settings.spaces_endpoint} == {sfo3}
    assert (settings.blobs_cdn, settings.media_region) == ("at-blobs.example", "eu-west-1")
    assert settings.media_endpoint == "https://s"


def test_secrets_are_not_shown() -> None:
    """Whatever is printed of the settings."""
    names = ("AT_BLOBS_SPACES", "ART_SPACES", "DO_SPACES", "AWS")
    secrets = dict.fromkeys([f"{name}_SECRET" for name in names] + ["AWS_SECRET_ACCESS_KEY"], "canary")
    settings = StoreSettings.model_validate(secrets)
    assert settings.blobs_secret.get_secret_value() == settings.media_secret.get_secret_value() == "canary"
    assert "canary" not in f"{settings!r}{settings}{settings.model_dump_json()}"
