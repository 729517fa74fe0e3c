"""Links that open a private object until a time."""

import pytest

from oven.domain.signing import is_signed, sign_link

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
