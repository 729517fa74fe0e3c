"""What is said of a file that is not taken."""

import pytest

from oven.domain.errors import Code
from oven.media.containers import MKV
from oven.media.refusals import encrypted, unreadable, unsupported


@pytest.mark.parametrize(
    ("head", "message", "hint"),
    [
        (b"GIF89a", "it looks like a GIF picture", "Import it as an image."),
        (b"#EXTM3U\n", "it looks like a playlist", "Send mp4"),
        (b"<!DOCTYPE html>", "it looks like a web page", "Send mp4"),
        (b"hello", "it is of no kind that is known", "Send mp4"),
    ],
)
def test_unsupported(head: bytes, message: str, hint: str) -> None:
    """What it looks like, and what to do."""
    error = unsupported(head)
    assert error.code is Code.MEDIA_UNSUPPORTED
    assert message in error.message
    assert hint in error.hint


def test_others() -> None:
    """An empty file, one that is broken and one that is locked."""
    assert unsupported(b"").code is Code.MEDIA_INVALID
    broken = unreadable(MKV, detail="moov atom not found")
    assert (broken.code, broken.detail) == (Code.MEDIA_INVALID, "moov atom not found")
    assert "begins as mkv" in broken.message
    assert encrypted().code is Code.MEDIA_ENCRYPTED
