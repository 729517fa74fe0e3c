"""Links that last for a while only."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.adapters.source_links import expiry_of, forgets, says_expired

AT = datetime(2026, 11, 20, 21, 9, tzinfo=UTC)
EPOCH = int(AT.timestamp())


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261120T200900Z&X-Amz-Expires=3600&X-Amz-Signature=x",
        "x-amz-expires=60&x-amz-date=20261120T210800Z",
        "X-Goog-Date=20261120T210900Z&X-Goog-Expires=0",
        "X-Amz-Date=20261120T200900Z&X-Amz-Expires=3600&X-Amz-Expires=7200",
        f"AWSAccessKeyId=A&Expires={EPOCH}&Signature=x%2Fy",
        f"GoogleAccessId=A&expires={EPOCH}",
        "sv=2024-05-04&se=2026-11-20T21%3A09%3A00Z&sp=r&sig=x",
        "se=2026-11-20T21:09Z&sig=x",
        "se=2026-11-20T22%3A09%3A00%2B01%3A00&sig=x",
        "se=2026-11-20T21:09:00&sig=x",
    ],
)
def test_links_that_say_it(query: str) -> None:
    """S3's and Google's of both versions, CloudFront's, Azure's; in UTC."""
    found = expiry_of(f"https://h.example/video.mp4?{query}")
    assert found == AT
    assert found.tzinfo is UTC


def test_a_day() -> None:
    """Azure takes a date alone, which is its first moment."""
    assert expiry_of("https://h.example/x?se=2026-11-20&sig=x") == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/video.mp4",
        "https://h.example/X-Amz-Date=20261120T200900Z&X-Amz-Expires=3600",
        "https://h.example/x?X-Amz-Date=20261120T200900Z",
        "https://h.example/x?X-Amz-Expires=3600",
        "https://h.example/x?X-Goog-Date=20261120T200900Z&X-Amz-Expires=3600",
        "https://h.example/x?X-Amz-Date=20261320T200900Z&X-Amz-Expires=3600",
        "https://h.example/x?X-Amz-Date=99991231T235959Z&X-Amz-Expires=9999999999",
        "https://h.example/x?X-Amz-Date=20261120T200900Z&X-Amz-Expires=-3600",
        "https://h.example/x?X-Amz-Date=20261120T200900Z&X-Amz-Expires=٣٦٠٠",
        "https://h.example/x?X-Amz-Date=20261120T200900Z&X-Amz-Expires=" + "9" * 999,
        "https://h.example/x?Expires=3600",
        "https://h.example/x?Expires=99999999999",
        "https://h.example/x?Expires=Fri, 20 Nov 2026",
        "https://h.example/x?se=2026-11-20",
        "https://h.example/x?se=soon&sig=x",
        "https://h.example/x?se=0001-01-01T00:00:00%2B14:00&sig=x",
        "https://[/x?Expires=1795208940",
    ],
)
def test_links_that_do_not(url: str) -> None:
    """Nothing is made up."""
    assert expiry_of(url) is None


@given(
    st.integers(1_000_100_000, 9_999_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
    st.integers(0, 604_800),
    st.integers(-14, 14),
)
def test_every_instant(signed: datetime, lasts_s: int, hours: int) -> None:
    """One instant is found in every way of saying it."""
    expiry = signed + timedelta(seconds=lasts_s)
    local = expiry.astimezone(timezone(timedelta(hours=hours))).isoformat().replace("+", "%2B")
    for query in (
        f"X-Amz-Date={signed:%Y%m%dT%H%M%SZ}&X-Amz-Expires={lasts_s}",
        f"Expires={int(expiry.timestamp())}",
        f"sig=x&se={local}",
    ):
        assert expiry_of(f"https://h.example/x?{query}") == expiry


@given(st.text(), st.text())
def test_any_text(url: str, body: str) -> None:
    """Is read without complaint."""
    expiry_of(url)
    expiry_of(f"https://h.example/?{url}")
    says_expired(body)


@pytest.mark.parametrize(
    ("code", "message", "is_over"),
    [
        ("AccessDenied", "Request has expired", True),
        ("AccessDenied", "Request has expired.", True),
        ("AccessDenied", "Access Denied", False),
        ("AccessDenied", "", False),
        ("ExpiredToken", "The provided token has expired.", True),
        ("ExpiredToken", "Invalid argument.", True),
        ("RequestExpired", "", True),
        ("ExpiredRequest", "", True),
        (
            "AuthenticationFailed",
            (
                "Server failed.</Message><AuthenticationErrorDetail>Signature not valid in the specified "
                "time frame: Start [x] - Expiry [y] - Current [z]</AuthenticationErrorDetail><Message>"
            ),
            True,
        ),
        ("AuthenticationFailed", "Signature did not match.", False),
        ("NoSuchKey", "Request has expired", False),
        ("SignatureDoesNotMatch", "", False),
    ],
)
def test_what_stores_say(code: str, message: str, *, is_over: bool) -> None:
    """A code for it, or a code for several reasons with words for this one."""
    body = f'<?xml version="1.0"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    assert says_expired(body) is is_over


def test_other_words() -> None:
    """A page for people proves nothing."""
    assert not says_expired("<h1>Request has expired</h1>")


@pytest.mark.parametrize(
    ("host", "is_forgetful"),
    [
        ("replicate.delivery", True),
        ("pb.replicate.delivery", True),
        ("notreplicate.delivery", False),
        ("replicate.delivery.evil.org", False),
        ("", False),
    ],
)
def test_hosts_that_forget(host: str, *, is_forgetful: bool) -> None:
    """By their whole name, or what stands before it."""
    assert forgets(host) is is_forgetful
