"""Values of settings as operators write them."""

from pathlib import Path

import pytest

from oven.domain.errors import BadInputError
from oven.settings import read_settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OVEN_PUBLIC_URL", "oven.example.com", "OVEN_PUBLIC_URL must be an address such as https://"),
        ("OVEN_PUBLIC_URL", "https://u:canary@example.com", "OVEN_PUBLIC_URL must be an address such as"),
        ("DATABASE_URL", "postgres://u:canary@h/db", "must be sqlite:///PATH of a file; Postgres is not"),
        ("OVEN_DATABASE_URL", "sqlite:///", "OVEN_DATABASE_URL must be sqlite:///PATH of a file"),
        ("OVEN_EGRESS_ALLOW", "a.b, http://x *", "OVEN_EGRESS_ALLOW has '*', 'http://x'; hosts and networks"),
        ("OVEN_EGRESS_ALLOW", "10.0.0.0/99", "OVEN_EGRESS_ALLOW has '10.0.0.0/99'; hosts"),
        ("OVEN_EGRESS_ALLOW", "127.0.0.1:80", "OVEN_EGRESS_ALLOW has '127.0.0.1:80'; hosts"),
        ("OVEN_CALLBACK_HOSTS", "10.0.0.0/8", "OVEN_CALLBACK_HOSTS has '10.0.0.0/8', which is no host"),
        ("OVEN_PUBLIC_URL", "http://x:99999", "OVEN_PUBLIC_URL must be an address"),
        ("AT_BLOBS_CDN", "a/b", "AT_BLOBS_CDN must be a host"),
        ("CALLBACK_AUTH_TOKEN", "ключ", "CALLBACK_AUTH_TOKEN must be printable ASCII"),
        ("OVEN_JWT_SECRET", "canary", "OVEN_JWT_SECRET must have 32 bytes at least"),
        (
            "REPLICATE_WEBHOOK_SECRET",
            "canary",
            "REPLICATE_WEBHOOK_SECRET must be whsec_ and 24 bytes at least",
        ),
        ("REPLICATE_WEBHOOK_SECRET", "whsec_canary!", "REPLICATE_WEBHOOK_SECRET must be whsec_ and 24 bytes"),
        ("REPLICATE_WEBHOOK_SECRET", "whsec_c2hvcnQ=", "REPLICATE_WEBHOOK_SECRET must be whsec_ and 24"),
        ("OVEN_JWKS_URL", "jwks.json", "OVEN_JWKS_URL must be an address"),
        ("S3_BUCKET", "bad bucket", "S3_BUCKET must be a bucket's name"),
        ("S3_ENDPOINT", "http://a_b..c:1", "S3_ENDPOINT must be an address"),
        ("S3_ENDPOINT", "http://-x-", "S3_ENDPOINT must be an address"),
        ("S3_ENDPOINT", "http://" + "a" * 64, "S3_ENDPOINT must be an address"),
        ("OVEN_S3_ADDRESSING", "both", "OVEN_S3_ADDRESSING must be one of auto, path, virtual"),
        ("OVEN_SHORTS_LIFECYCLE", "maybe", "OVEN_SHORTS_LIFECYCLE must be true or false"),
        ("OVEN_SOURCE_HOSTS", "user@host", "OVEN_SOURCE_HOSTS has 'user@host'; hosts"),
    ],
)
def test_what_cannot_be(name: str, value: str, said: str) -> None:
    """Is told by the variable's name, and passwords are not repeated."""
    with pytest.raises(BadInputError) as caught:
        read_settings({name: value})
    assert said in caught.value.message
    assert "canary" not in caught.value.message


def test_lists() -> None:
    """Parted by commas or spaces, in any case; hosts, addresses and networks."""
    allowed = read_settings({"OVEN_EGRESS_ALLOW": "Host.example, 10.0.0.0/8 fd00::/8,::1"}).egress_allow
    assert allowed == {"host.example", "10.0.0.0/8", "fd00::/8", "::1"}


def test_databases() -> None:
    """A relative path counts from where Oven is started."""
    assert read_settings({"OVEN_DATABASE_URL": "sqlite:////var/o.db"}).database_file == Path("/var/o.db")
    assert read_settings({"DATABASE_URL": "sqlite:///o.db"}).database_file == Path.cwd() / "o.db"
