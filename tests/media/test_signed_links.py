"""What of a signed link says which file is meant."""

import pytest

from oven.media.signed_links import without_signature


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261120T200900Z&X-Amz-Expires=3600&X-Amz-Signature=x",
        "X-Goog-Date=20261120T210900Z&X-Goog-Expires=0&x-goog-signature=x",
        "AWSAccessKeyId=A&Expires=1795208940&Signature=x%2Fy",
        "Policy=x&Signature=y&Key-Pair-Id=K",
        "GoogleAccessId=A&Expires=1795208940&Signature=x",
        "sv=2024-05-04&se=2026-11-20T21%3A09%3A00Z&sp=r&sr=b&sig=x",
        "",
    ],
)
@pytest.mark.parametrize("own", ["", "file=a%20b.mp4&file=c"])
def test_signatures(query: str, own: str) -> None:
    """Are taken away, whoever's they are; what else there is stays as it was."""
    signed = "&".join(part for part in (own, query) if part)
    assert without_signature(f"https://h/x.mp4?{signed}") == ("https://h/x.mp4" + (f"?{own}" if own else ""))


@pytest.mark.parametrize("query", ["id=2", "id=2&expires=3", "se=1&sp=2", "token=1", "a"])
def test_what_is_no_signature(query: str) -> None:
    """Stays: it may be all that tells one file from another."""
    assert without_signature(f"https://h/view?{query}") == f"https://h/view?{query}"
