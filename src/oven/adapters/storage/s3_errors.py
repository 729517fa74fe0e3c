"""What S3 stores complain of, in Oven's words."""

from collections.abc import Iterator
from contextlib import contextmanager

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
}
SERVER_ERROR = 500
CLOCK = "RequestTimeTooSkewed"


@contextmanager
def s3_translated(bucket: str) -> Iterator[None]:
    """Turn a store's complaint into an OvenError.

    Raises:
        FileNotFoundError: there is no such object.
        FaultError: STORAGE_DENIED, for wrong keys, missing rights and missing buckets.
        TransientError: UPLOAD_FAILED, UPLOAD_TIMEOUT.

    """
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if error.operation_name == "HeadObject" and code in NOT_THERE:
            raise FileNotFoundError(str(error)) from error
        if status >= SERVER_ERROR or code in PASSING:
            raise TransientError(
                Code.UPLOAD_FAILED, f"the store of {bucket} answered {code or status}", detail=str(error)
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
            Code.UPLOAD_TIMEOUT, f"the store of {bucket} took too long to answer", detail=repr(error)
        ) from error
    except (BotoCoreError, aiohttp.ClientError, OSError) as error:
        raise TransientError(
            Code.UPLOAD_FAILED, f"the store of {bucket} could not be reached", detail=repr(error)
        ) from error
