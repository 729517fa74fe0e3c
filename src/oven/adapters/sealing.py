"""Secrets of callers, sealed before they are stored."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError

KEY_FILE = "secret.key"
LINKS = b"links of private objects:"
# Stands before a query that is sealed.
SEALED = "oven-sealed="


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Seals and opens short texts with a key that stands beside the database, readable by Oven alone.

    `link_key` is another, made of it, for the signatures of links.
    """

    fernet: Fernet
    link_key: bytes = field(repr=False)

    def seal(self, secret: str) -> str:
        return self.fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Give the secret back.

        Raises:
            FaultError: STORE_CORRUPT, it was sealed with another key.

        """
        try:
            return self.fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise FaultError(
                Code.STORE_CORRUPT, f"a stored secret does not open with this {KEY_FILE}"
            ) from error

    def seal_url(self, url: str) -> str:
        """Seal a URL's query, which may be a signature; where it leads stays to be read."""
        place, mark, query = url.partition("?")
        return f"{place}?{SEALED}{self.seal(query)}" if mark else url

    def open_url(self, url: str) -> str:
        """Give a URL back; one that was never sealed as it is.

        Raises:
            FaultError: STORE_CORRUPT, it was sealed with another key.

        """
        place, _, query = url.partition("?")
        return f"{place}?{self.open(query.removeprefix(SEALED))}" if query.startswith(SEALED) else url


def open_sealer(folder: Path, *, is_new: bool = True) -> Sealer:
    """Read the key of a data directory, made at the first start.

    Args:
        folder: the data directory.
        is_new: whether nothing can have been sealed yet.

    Raises:
        FaultError: STORE_CORRUPT, the key has gone; STORAGE_DENIED.

    """
    file = folder / KEY_FILE
    with translated("reading the key of the data directory"):
        if not is_new and not file.exists():
            raise FaultError(
                Code.STORE_CORRUPT,
                f"{KEY_FILE} has gone from the data directory: stored secrets cannot be opened without it",
                hint=f"Restore it from a backup; an empty {KEY_FILE} goes on without those secrets.",
                detail=str(file),
            )
        if not file.exists() or not file.stat().st_size:
            temporary = file.with_suffix(".new")
            with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(Fernet.generate_key())
                opened.flush()
                os.fsync(opened.fileno())
            temporary.replace(file)
        key = file.read_bytes()
    return sealer_of(key, file)


def sealer_of(key: bytes, file: Path) -> Sealer:
    """Make the sealer of a key that was read from a file.

    Raises:
        FaultError: STORE_CORRUPT, it is no key.

    """
    try:
        return Sealer(fernet=Fernet(key), link_key=hashlib.sha256(LINKS + key).digest())
    except ValueError as error:
        raise FaultError(
            Code.STORE_CORRUPT,
            f"{KEY_FILE} in the data directory is damaged",
            hint=f"Restore it from a backup; an empty {KEY_FILE} goes on without the secrets sealed by it.",
            detail=str(file),
        ) from error
