"""Where S3 buckets and their objects are, as URLs."""

import re
from ipaddress import ip_address
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from oven.domain.errors import Code, FaultError

# S3's own limit.
MAX_KEY_BYTES = 1_024
SPACES_HOST = re.compile(r"([a-z0-9-]+)\.digitaloceanspaces\.com")


def is_path_style(endpoint: str, addressing: str) -> bool:
    """Whether a bucket is named in the path: as asked for, else where the endpoint is no domain."""
    if addressing != "auto":
        return addressing == "path"
    host = urlsplit(endpoint).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return "." not in host
    return True


def bucket_url(endpoint: str, bucket: str, *, region: str, addressing: str = "auto", cdn: str = "") -> str:
    """Give the base of the public URLs of a bucket's objects.

    Args:
        endpoint: the store; empty for Amazon's own.
        bucket: the bucket.
        region: where Amazon has the bucket.
        addressing: auto, path or virtual.
        cdn: a host that stands for the bucket.

    """
    if cdn:
        return f"https://{cdn}"
    if not endpoint:
        return f"https://{bucket}.s3.{region}.amazonaws.com"
    if is_path_style(endpoint, addressing):
        return f"{endpoint}/{bucket}"
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{bucket}.{parts.netloc}"


def key_in_bucket(url: str, endpoint: str, bucket: str) -> str | None:
    """Give the key of the object that a URL names; None where it is not one of the bucket.

    The bucket may stand in the host or in the path, also in the host of its CDN at DigitalOcean.
    """
    try:
        parts, store = urlsplit(url.strip()), urlsplit(endpoint)
        same_place = (parts.scheme, parts.port) == (store.scheme, store.port)
    except ValueError:
        return None
    if not same_place or parts.username is not None or parts.fragment:
        return None
    key = unquote(_path_in_bucket(parts, store.hostname or "", bucket))
    if not key or len(key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES or "\0" in key:
        return None
    # Some stores resolve dots, and with them the bucket.
    return None if {".", ".."} & set(key.split("/")) else key


def parts_of_key(key: str) -> tuple[str, ...]:
    """Give the names in an object's key, which is a relative path below its bucket.

    Raises:
        FaultError: STORAGE_DENIED.

    """
    parts = PurePosixPath(key).parts
    # Not by the first part: POSIX keeps two slashes apart from one.
    if not parts or key.startswith("/") or ".." in parts or "\0" in key:
        raise FaultError(Code.STORAGE_DENIED, "the object's key is not a relative path below its bucket")
    return parts


def _path_in_bucket(parts: SplitResult, store_host: str, bucket: str) -> str:
    host = (parts.hostname or "").removesuffix(".")
    hosts = {f"{bucket}.{store_host}"}
    if found := SPACES_HOST.fullmatch(store_host):
        hosts.add(f"{bucket}.{found[1]}.cdn.digitaloceanspaces.com")
    if host in hosts:
        return parts.path.removeprefix("/")
    first, _, rest = parts.path.removeprefix("/").partition("/")
    return rest if host == store_host and first == bucket else ""
