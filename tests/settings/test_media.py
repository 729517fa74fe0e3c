"""Settings of assets."""

import pytest

from oven.domain.errors import BadInputError
from oven.settings import read_settings

NAME = "MAX_VIDEO_UPLOAD_SIZE"
RULE = "it must be a whole number of bytes, or such as 500MB or 5GB, from 1 to 1099511627776"


@pytest.mark.parametrize(
    ("written", "size_bytes"),
    [
        ("5GB", 5_368_709_120),
        ("500 MB", 524_288_000),
        ("123", 123),
        ("1.5kb", 1_536),
        ("7b", 7),
        (" 1TB ", 1 << 40),
        ("1099511627776", 1 << 40),
    ],
)
def test_sizes(written: str, size_bytes: int) -> None:
    """In bytes, or in the units that people write, of which each is 1024 of the one before."""
    assert read_settings({NAME: written}).max_media_bytes == size_bytes


@pytest.mark.parametrize(
    "written",
    ["5 giga", "5GiB", "GB", "-5GB", "0", "0.001B", "2TB", "1e9", "5,5GB", "\u0665GB", "nan", "5GB 5MB"],
)
def test_what_is_no_size(written: str) -> None:
    """Is shown as it was written, with how sizes are written, and the limits."""
    with pytest.raises(BadInputError) as caught:
        read_settings({NAME: written})
    assert f"{NAME} is {written!r}; {RULE}" in caught.value.message


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("OVEN_MAX_IMAGE_PIXELS", "1GB", "a whole number from 1 to 1000000000"),
        ("OVEN_IMPORTS", "0", "a whole number from 1 to 64"),
        ("OVEN_IMAGES", "65", "a whole number from 1 to 64"),
        ("OVEN_IMPORT_TIMEOUT_S", "0", "a number above 0 to 86400"),
        ("OVEN_IMAGE_TIMEOUT_S", "inf", "a number above 0 to 86400"),
    ],
)
def test_limits(name: str, written: str, said: str) -> None:
    """Of what is no size no units are told."""
    with pytest.raises(BadInputError) as caught:
        read_settings({name: written})
    assert f"{name} is {written!r}; it must be {said}" in caught.value.message


def test_defaults() -> None:
    """Five gigabytes, as the service before had it; a secret that nobody prints."""
    secret = "whsec_canarycanarycanarycanarycanaryca"
    settings = read_settings({"REPLICATE_WEBHOOK_SECRET": secret})
    assert settings.max_media_bytes == 5 << 30
    assert (settings.imports, settings.images) == (4, 2)
    assert settings.replicate_secret.get_secret_value() == secret
    assert "canary" not in repr(settings)
