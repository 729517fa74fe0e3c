"""Links that are signed anew each time: what of them says which file is meant."""

# Signature Version 4 of S3 and its like, and Google's.
SIGNERS = ("x-amz-", "x-goog-")
# One of these makes the others below part of a signature.
SIGNED_BY = {"signature", "sig"}
# Of Signature Version 2, CloudFront and Oven itself; of Google; of Azure.
SIGNED = {
    *SIGNED_BY,
    *("expires", "awsaccesskeyid", "key-pair-id", "policy"),
    "googleaccessid",
    *("se", "st", "sv", "sp", "sr", "spr", "sip", "skoid", "sktid", "skt", "ske", "sks", "skv"),
}


def without_signature(url: str) -> str:
    """Give a URL without what a signature adds to its query, so that links to one file are equal.

    All else is kept, for a query may well say which file it is:

    >>> without_signature("https://h/view?file=a.mp4&X-Amz-Date=20261120T200900Z&X-Amz-Signature=x")
    'https://h/view?file=a.mp4'
    >>> without_signature("https://h/view?expires=never")
    'https://h/view?expires=never'
    """
    base, _, query = url.partition("?")
    pairs = [(pair.partition("=")[0].lower(), pair) for pair in query.split("&")]
    dropped = SIGNED if any(name in SIGNED_BY for name, _ in pairs) else frozenset[str]()
    kept = [pair for name, pair in pairs if pair and name not in dropped and not name.startswith(SIGNERS)]
    return "?".join((base, "&".join(kept))) if kept else base
