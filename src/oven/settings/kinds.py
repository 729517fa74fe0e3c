"""How values of settings are written."""

import base64
import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr

from oven.domain.signing import SECRET_PREFIX

MIB = 1024 * 1024
MAX_SIZE_BYTES = 1 << 40
SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,3})?) ?([KMGT]?B)?")
UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
DAY_S = 86_400
SQLITE = "sqlite:///"
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?")
HOSTS_RULE = "hosts and networks are possible, such as example.com, 10.0.0.0/8"
BUCKET_RULE = "must be a bucket's name: 3 to 63 lower-case letters, digits, dots and dashes"
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
TOKEN = re.compile(r"[\x20-\x7e]+")
# HMAC's key is to be no shorter than its hash (RFC 7518, 3.2).
SHARED_KEY_BYTES = 32
# As short as Standard Webhooks lets a key be.
WEBHOOK_KEY_BYTES = 24
ADDRESSING = ("auto", "path", "virtual")
SWITCH = ("true", "false")
SHOWN = 40


class WrongItemError(ValueError):
    """An item of a list is wrong; `rule` says what items must be, without repeating the wrong one."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


def _absolute(program: str) -> str:
    """Make a path of a program absolute; a bare name is looked for on the PATH."""
    return str(Path(program).absolute()) if "/" in program else program


def _split(value: object) -> object:
    """Read a list of names, parted by commas or white space.

    Raises:
        ValueError: which of them is none.

    """
    if not isinstance(value, str):
        return value
    names = frozenset(value.lower().replace(",", " ").split())
    if wrong := sorted(name for name in names if not _is_host_or_network(name)):
        shown = ", ".join(repr(name[:SHOWN]) for name in wrong)
        raise WrongItemError(f"has {shown}; {HOSTS_RULE}", f"has what is none: {HOSTS_RULE}")
    return names


def _is_host_or_network(name: str) -> bool:
    try:
        ip_network(name, strict=False)
    except ValueError:
        return HOST.fullmatch(name) is not None and ":" not in name
    return True


def _hosts(names: frozenset[str]) -> frozenset[str]:
    """Check that all of a list are hosts.

    Raises:
        ValueError: which of them is none.

    """
    if wrong := sorted(name for name in names if "/" in name):
        raise WrongItemError(f"has {wrong[0][:SHOWN]!r}, which is no host", "has what is no host")
    return names


def _address(text: str) -> str:
    """Check the base of an address.

    Raises:
        ValueError: what it must be; without the value, for it may hold a password.

    """
    message = "must be an address such as https://oven.example.com, without query or password"
    try:
        parts = urlsplit(text)
        is_plain = parts.port != 0 and not (parts.query or parts.fragment or parts.username or parts.password)
    except ValueError as error:
        raise ValueError(message) from error
    if parts.scheme not in {"http", "https"} or not is_plain or not _is_host(parts.hostname or ""):
        raise ValueError(message)
    return text.rstrip("/")


def _is_host(text: str) -> bool:
    """Whether a text is an address, or a name of labels that a resolver takes."""
    try:
        ip_address(text)
    except ValueError:
        labels = text.split(".")
        return all(LABEL.fullmatch(label) for label in labels)
    return True


def _host(text: str) -> str:
    """Check a host's name; the scheme that some write before it is left out.

    Raises:
        ValueError: what it must be.

    """
    host = text.lower().removeprefix("https://").rstrip("/")
    if not HOST.fullmatch(host):
        raise ValueError("must be a host such as cdn.example.com")
    return host


def _bucket(text: str) -> str:
    """Check a bucket's name.

    Raises:
        ValueError: what it must be.

    """
    if not BUCKET.fullmatch(text):
        raise ValueError(BUCKET_RULE)
    return text


def _buckets(value: object) -> object:
    """Read a list of buckets' names, parted by commas or white space.

    Raises:
        ValueError: which of them is none.

    """
    if not isinstance(value, str):
        return value
    names = frozenset(value.replace(",", " ").split())
    if wrong := sorted(name for name in names if not BUCKET.fullmatch(name)):
        raise WrongItemError(f"has {wrong[0][:SHOWN]!r}; each {BUCKET_RULE}", BUCKET_RULE)
    return names


def _addressing(text: str) -> str:
    """Check how buckets are named.

    Raises:
        ValueError: what it must be.

    """
    if text.lower() not in ADDRESSING:
        raise ValueError(f"must be one of {', '.join(ADDRESSING)}")
    return text.lower()


def _switch(value: object) -> object:
    """Read what is on or off.

    Raises:
        ValueError: what it must be.

    """
    if not isinstance(value, str):
        return value
    if value.lower() not in SWITCH:
        raise ValueError(f"must be {' or '.join(SWITCH)}")
    return value.lower() == SWITCH[0]


def _size(value: object) -> object:
    """Read a number of bytes, or of the units that people write: 5GB is five times 2³⁰.

    What is neither is left as it is, for the number's own check.
    """
    found = SIZE.fullmatch(value.strip().upper()) if isinstance(value, str) else None
    return round(float(found[1]) * UNITS[found[2] or "B"]) if found else value


def is_size(metadata: Sequence[object]) -> bool:
    """Whether a setting is a size, by what its field's metadata holds."""
    return any(isinstance(each, BeforeValidator) and each.func is _size for each in metadata)


def _database(value: object) -> object:
    """Give the path of a database file from its URL.

    Raises:
        ValueError: what it must be; without the value, for it may hold a password.

    """
    if not isinstance(value, str):
        return value
    path = value.removeprefix(SQLITE)
    if path == value or not path or "?" in path:
        raise ValueError(f"must be {SQLITE}PATH of a file; Postgres is not supported yet")
    return path


def _token(secret: SecretStr) -> SecretStr:
    """Check that a token can stand in a header.

    Raises:
        ValueError: what it must be; without the value.

    """
    if not TOKEN.fullmatch(secret.get_secret_value()):
        raise ValueError("must be printable ASCII, for it is sent in a header")
    return secret


def _shared_key(secret: SecretStr) -> SecretStr:
    """Check that a secret can sign.

    Raises:
        ValueError: what it must be; without the value.

    """
    if len(secret.get_secret_value().encode()) < SHARED_KEY_BYTES:
        raise ValueError(
            f"must have {SHARED_KEY_BYTES} bytes at least: shorter ones can be guessed (RFC 7518)"
        )
    return secret


def _webhook_secret(secret: SecretStr) -> SecretStr:
    """Check that a secret is written as senders of webhooks give it: a slip would refuse them all.

    Raises:
        ValueError: what it must be; without the value.

    """
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(SECRET_PREFIX) or len(key) < WEBHOOK_KEY_BYTES:
        raise ValueError(
            f"must be {SECRET_PREFIX} and {WEBHOOK_KEY_BYTES} bytes at least, in base64, as its sender has it"
        )
    return secret


# How sizes may be written, beside a plain number of bytes.
UNITS_SHOWN = "of bytes, or such as 500MB or 5GB,"
Size = Annotated[int, BeforeValidator(_size)]
Switch = Annotated[bool, BeforeValidator(_switch)]
Folder = Annotated[Path, AfterValidator(Path.absolute)]
Program = Annotated[str, AfterValidator(_absolute)]
Hosts = Annotated[frozenset[str], BeforeValidator(_split), AfterValidator(_hosts)]
Buckets = Annotated[frozenset[str], BeforeValidator(_buckets)]
Bucket = Annotated[str, AfterValidator(_bucket)]
SharedKey = Annotated[SecretStr, AfterValidator(_shared_key)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Host = Annotated[str, AfterValidator(_host)]
Addressing = Annotated[str, AfterValidator(_addressing)]
Names = Annotated[frozenset[str], BeforeValidator(_split)]
Address = Annotated[str, AfterValidator(_address)]
DatabaseFile = Annotated[Path, BeforeValidator(_database), AfterValidator(Path.absolute)]
