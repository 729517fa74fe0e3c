"""Links that last for a while only: until when, and how their hosts say that it is over."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

# Signed by S3 and its like, and by Google: when, and for how many seconds.
SIGNERS = ("x-amz", "x-goog")
SIGNED_AT = "%Y%m%dT%H%M%SZ"
SECONDS = re.compile(r"[0-9]{1,10}")
# What `Expires` holds is an instant only if it is one of our days: 2001 to 2286.
EPOCH = re.compile(r"[1-9][0-9]{9}")
# Hosts that remove their files soon, and then know nothing of them.
FORGETFUL = ("replicate.delivery",)
CODE = re.compile(r"<Code>\s*(\w+)\s*</Code>")
# S3, its session tokens, R2, Google.
EXPIRED_CODES = {"RequestExpired", "ExpiredToken", "ExpiredRequest"}
# A code for several reasons, and what its message has for this one: S3 and its like, Azure.
EXPIRED_WORDS = {
    "AccessDenied": "request has expired",
    "AuthenticationFailed": "signature not valid in the specified time frame",
}


def expiry_of(url: str) -> datetime | None:
    """Read until when a signed link is good → the instant in UTC, None where it does not say.

    Known are X-Amz-Date with X-Amz-Expires (Signature Version 4), X-Goog-Date with X-Goog-Expires, Expires
    (seconds since 1970: Signature Version 2, Google, CloudFront) and se beside sig (Azure).
    """
    try:
        pairs = parse_qsl(urlsplit(url).query)
    except ValueError:
        return None
    # The first of each name, as most readers have it.
    query = {name.lower(): value for name, value in reversed(pairs)}
    for signer in SIGNERS:
        signed, lasts = query.get(f"{signer}-date"), query.get(f"{signer}-expires")
        if signed is not None and lasts is not None:
            return _after(signed, lasts)
    if EPOCH.fullmatch(query.get("expires", "")):
        return datetime.fromtimestamp(int(query["expires"]), UTC)
    if "sig" in query and "se" in query:
        return _instant(query["se"])
    return None


def says_expired(body: str) -> bool:
    """Whether the XML of a store that refuses says that the link has expired."""
    found = CODE.search(body)
    if found is None:
        return False
    code = found[1]
    return code in EXPIRED_CODES or (code in EXPIRED_WORDS and EXPIRED_WORDS[code] in body.lower())


def forgets(host: str) -> bool:
    """Whether what a host does not find has probably been there, not long ago."""
    return any(host == name or host.endswith(f".{name}") for name in FORGETFUL)


def _after(signed: str, lasts: str) -> datetime | None:
    if not SECONDS.fullmatch(lasts):
        return None
    try:
        return datetime.strptime(signed, SIGNED_AT).replace(tzinfo=UTC) + timedelta(seconds=int(lasts))
    except (ValueError, OverflowError):
        return None


def _instant(text: str) -> datetime | None:
    """Read an instant of ISO 8601, which is UTC where it does not say."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
