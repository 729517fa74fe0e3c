"""Where buckets and their objects are."""

import pytest

from oven.adapters.storage.addresses import bucket_url, is_path_style, key_in_bucket, parts_of_key
from oven.domain.errors import FaultError

SFO3 = "https://sfo3.digitaloceanspaces.com"
ART = "art-aesthetic-computer"


@pytest.mark.parametrize(
    ("endpoint", "addressing", "is_path"),
    [
        (SFO3, "auto", False),
        (SFO3, "path", True),
        ("http://127.0.0.1:9000", "auto", True),
        ("http://[::1]:9000", "auto", True),
        ("http://minio:9000", "auto", True),
        ("http://minio:9000", "virtual", False),
    ],
)
def test_how_buckets_are_named(endpoint: str, addressing: str, *, is_path: bool) -> None:
    """In the host where the endpoint is a domain."""
    assert is_path_style(endpoint, addressing) == is_path


@pytest.mark.parametrize(
    ("endpoint", "cdn", "url"),
    [
        (SFO3, "", "https://tapes.sfo3.digitaloceanspaces.com"),
        (SFO3, "at-blobs.aesthetic.computer", "https://at-blobs.aesthetic.computer"),
        ("http://127.0.0.1:9000", "", "http://127.0.0.1:9000/tapes"),
        ("", "", "https://tapes.s3.eu-west-1.amazonaws.com"),
        ("", "d1.cloudfront.net", "https://d1.cloudfront.net"),
    ],
)
def test_public_addresses(endpoint: str, cdn: str, url: str) -> None:
    """As the callers know them."""
    assert bucket_url(endpoint, "tapes", region="eu-west-1", cdn=cdn) == url


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (f"https://{ART}.sfo3.digitaloceanspaces.com/abcd1234.zip", "abcd1234.zip"),
        (f"https://{ART}.sfo3.digitaloceanspaces.com:443/a.zip", None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com/auth0|1/2025.10.zip?sig=1", "auth0|1/2025.10.zip"),
        (f"https://{ART}.sfo3.digitaloceanspaces.com/auth0%7C1/a%20b.zip", "auth0|1/a b.zip"),
        (f"https://{ART}.sfo3.cdn.digitaloceanspaces.com/a.zip", "a.zip"),
        (f"https://{ART}.SFO3.digitaloceanspaces.com./a.zip", "a.zip"),
        (f"{SFO3}/{ART}/a/b.zip", "a/b.zip"),
        (f"{SFO3}/{ART}/", None),
        (f"{SFO3}/other/a.zip", None),
        (f"http://{ART}.sfo3.digitaloceanspaces.com/a.zip", None),
        (f"https://x.{ART}.sfo3.digitaloceanspaces.com/a.zip", None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com.evil.example/a.zip", None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com@evil.example/a.zip", None),
        (f"https://u@{ART}.sfo3.digitaloceanspaces.com/a.zip", None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com/a.zip#x", None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com", None),
        (f"{SFO3}/{ART}/../other/a.zip", None),
        (f"{SFO3}/{ART}/a/%2e%2e/%2e%2e/other/a.zip", None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com/" + "é" * 600, None),
        (f"https://{ART}.sfo3.digitaloceanspaces.com/" + "é" * 500, "é" * 500),
        ("https://[", None),
        ("https://h:port/x", None),
        ("", None),
    ],
)
def test_objects_of_a_bucket(url: str, key: str | None) -> None:
    """By host or by path, also through its CDN; nothing that only looks like it."""
    assert key_in_bucket(url, SFO3, ART) == key


@pytest.mark.parametrize("key", ["", ".", "/a", "//a", "///a", "..", "a/../b", "a\0"])
def test_keys_are_relative_paths(key: str) -> None:
    """Refused where they are not."""
    with pytest.raises(FaultError):
        parts_of_key(key)
    assert parts_of_key("a/b..c") == ("a", "b..c")
