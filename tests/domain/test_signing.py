"""Links that open a private object until a time, and whom a webhook is for."""

import base64
import hashlib
import hmac

import pytest

from oven.domain.signing import is_signed, is_signed_user, sign_link, sign_user, signing_key

KEY = b"key"
SAID = ("bucket", "a/b.mp4", "")
SIGNATURE = sign_link(KEY, *SAID, expires_s=100)


def test_a_link_opens_until_its_time() -> None:
    """Not a second longer."""
    assert is_signed(KEY, *SAID, expires="100", signature=SIGNATURE, now_s=99)
    assert not is_signed(KEY, *SAID, expires="100", signature=SIGNATURE, now_s=100)


@pytest.mark.parametrize(
    ("key", "said", "expires", "signature"),
    [
        (b"other", SAID, "100", SIGNATURE),
        (KEY, ("bucket", "a/c.mp4", ""), "100", SIGNATURE),
        (KEY, ("bucket\0a/b.mp4", "", ""), "100", SIGNATURE),
        (KEY, SAID, "101", SIGNATURE),
        (KEY, SAID, "100", SIGNATURE.upper()),
        (KEY, SAID, "100", "\ud800é"),
        (KEY, SAID, "", SIGNATURE),
        (KEY, SAID, "-1", SIGNATURE),
        (KEY, SAID, "٣", SIGNATURE),
        (KEY, SAID, "9" * 5000, SIGNATURE),
    ],
)
def test_nothing_else_does(key: bytes, said: tuple[str, ...], expires: str, signature: str) -> None:
    """Whatever strangers write in it."""
    assert not is_signed(key, *said, expires=expires, signature=signature, now_s=0)


def test_keys() -> None:
    """whsec_ is base64; anything else is its own bytes."""
    secret = "whsec_" + base64.b64encode(bytes(range(24))).decode()
    assert signing_key(secret) == bytes(range(24))
    assert signing_key("plain") == b"plain"
    assert signing_key("") == b""
    for odd in ("whsec_not base64!", "whsec_", "whsec_é"):
        assert signing_key(odd) == odd.encode()


def test_a_user_is_signed() -> None:
    """In a way that a line of any other language does as well."""
    signature = hmac.new(KEY, "oven-replicate-user\nauth0|ålice".encode(), hashlib.sha256).hexdigest()
    assert sign_user(KEY, "auth0|ålice") == signature
    assert is_signed_user(KEY, "auth0|ålice", signature=signature)


@pytest.mark.parametrize(
    ("key", "user", "signature"),
    [
        (b"other", "alice", sign_user(KEY, "alice")),
        (KEY, "alice", sign_user(KEY, "bob")),
        (KEY, "", sign_user(KEY, "alice")),
        (KEY, "alice", sign_user(KEY, "alice").upper()),
        (KEY, "alice", hmac.new(KEY, b"alice", hashlib.sha256).hexdigest()),
        (KEY, "alice", ""),
        (KEY, "\ud800", "\ud800é"),
    ],
)
def test_another_is_not(key: bytes, user: str, signature: str) -> None:
    """Whatever strangers write in it."""
    assert not is_signed_user(key, user, signature=signature)
