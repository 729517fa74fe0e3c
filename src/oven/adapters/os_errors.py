"""The operating system's complaints in Oven's words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from oven.domain.errors import Code, FaultError, TransientError

FULL = {errno.ENOSPC, errno.EDQUOT}
TOO_MANY = {errno.EMFILE, errno.ENFILE}


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn an OSError of the block into an OvenError; `doing` completes "while …".

    Raises:
        TransientError: DISK_FULL, INTERNAL.
        FaultError: STORAGE_DENIED.

    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(doing, str(error)) from error
        if error.errno in TOO_MANY:
            raise TransientError(
                Code.INTERNAL, f"too many files are open while {doing}", detail=str(error)
            ) from error
        raise FaultError(
            Code.STORAGE_DENIED,
            f"{reason(error)} while {doing}",
            hint="Check that the folder exists, and its owner and mode.",
            detail=str(error),
        ) from error


def reason(error: OSError) -> str:
    """Give the system's own words, such as "permission denied"."""
    return (error.strerror or str(error) or "the operating system refused").lower()


def disk_full(doing: str, detail: str) -> TransientError:
    return TransientError(
        Code.DISK_FULL,
        f"the disk is full while {doing}",
        hint="Free some space, or point TEMP_DIR to a larger disk.",
        detail=detail,
    )
