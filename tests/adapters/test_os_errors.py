"""The operating system's complaints."""

import errno
import os

import pytest

from oven.adapters.os_errors import translated
from oven.domain.errors import Code, FaultError, TransientError


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_may_pass(number: int) -> None:
    """DISK_FULL is worth another try."""
    with pytest.raises(TransientError) as caught, translated("encoding"):
        raise OSError(number, os.strerror(number), "/secret/path")
    assert caught.value.code is Code.DISK_FULL
    assert caught.value.message == "the disk is full while encoding"


def test_other_complaints_do_not() -> None:
    """STORAGE_DENIED, whose message has no path; the detail has."""
    with pytest.raises(FaultError) as caught, translated("storing an object"):
        raise PermissionError(errno.EACCES, "Permission denied", "/secret/path")
    assert caught.value.code is Code.STORAGE_DENIED
    assert caught.value.message == "permission denied while storing an object"
    assert "/secret/path" in caught.value.detail
