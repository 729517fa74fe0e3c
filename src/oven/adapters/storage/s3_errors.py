"""What S3 stores complain of, in Oven's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import aiohttp
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    ReadTimeoutError,
)

from oven.domain.errors import Code, FaultError, TransientError

NOT_THERE = {"404", "NoSuchKey", "NotFound"}
# What may be otherwise a moment later, whatever its status.
PASSING = {
    "SlowDown",
    "RequestTimeout",
    "Throttling",
    "TooManyRequests",
    "429",
    "InternalError",
    "NoSuchUpload",
    # One was replaced between two requests.
    "InvalidPart",
}
# Ceph says the latter of parts that it is to list.
UPLOAD_GONE = {"NoSuchUpload", "NoSuchKey"}
# The object is another one by now, or is shorter than it was.
CHANGED = {"PreconditionFailed", "412", "InvalidRange", "416"}
SERVER_ERROR = 500
CLOCK = "RequestTimeTooSkewed"


class Failing(NamedTuple):
    """The codes of a store that answers with a fault, or not at all, and of one that takes too long."""

    failed: Code
    too_slow: Code


SENDING = Failing(Code.UPLOAD_FAILED, Code.UPLOAD_TIMEOUT)
FETCHING = Failing(Code.DOWNLOAD_FAILED, Code.DOWNLOAD_TIMEOUT)
# Requests to which a missing object is an answer.
ASKING = {"HeadObject", "GetObject", "CopyObject"}


@contextmanager
def s3_translated(bucket: str, failing: Failing = SENDING) -> Iterator[None]:
    """Turn a store's complaint into an OvenError.

    Raises:
        FileNotFoundError: there is no such object.
        FaultError: STORAGE_DENIED, for wrong keys, missing rights and missing buckets.
        TransientError: UPLOAD_FAILED, UPLOAD_TIMEOUT, or what else `failing` says.

    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if error.operation_name in ASKING and code in NOT_THERE:
            raise FileNotFoundError(str(error)) from error
        if status >= SERVER_ERROR or code in PASSING:
            raise TransientError(
                failing.failed, f"the store of {bucket} answered {code or status}", detail=str(error)
            ) from error
        hint = "Set this machine's clock." if code == CLOCK else "Check its name, its keys and their rights."
        raise FaultError(
            Code.STORAGE_DENIED,
            f"the store refuses the bucket {bucket}: {code or status}",
            hint=hint,
            detail=str(error),
        ) from error
    except (ConnectTimeoutError, ReadTimeoutError, TimeoutError) as error:
        raise TransientError(
            failing.too_slow, f"the store of {bucket} took too long to answer", detail=repr(error)
        ) from error
    except (BotoCoreError, aiohttp.ClientError, OSError) as error:
        raise TransientError(
            failing.failed, f"the store of {bucket} could not be reached", detail=repr(error)
        ) from error


def is_upload_gone(error: ClientError) -> bool:
    """Whether a store complains that an upload in parts is not there: it has ended, one way or the other."""
    return error.response.get("Error", {}).get("Code") in UPLOAD_GONE


def is_changed(error: ClientError) -> bool:
    """Whether a store complains that an object is not the one that was read before."""
    return error.response.get("Error", {}).get("Code") in CHANGED
