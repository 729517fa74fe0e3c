"""Secrets of callers, sealed before they are stored."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError

KEY_FILE = "secret.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Seals and opens short texts with a key that stands beside the database, readable by Oven alone."""

    fernet: Fernet

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


def open_sealer(folder: Path) -> Sealer:
    """Read the key of a data directory, made at the first start."""
    file = folder / KEY_FILE
    with translated("reading the key of the data directory"):
        if not file.exists():
            temporary = file.with_suffix(".new")
            with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as opened:
                opened.write(Fernet.generate_key())
                opened.flush()
                os.fsync(opened.fileno())
            temporary.replace(file)
        return Sealer(fernet=Fernet(file.read_bytes()))
