"""What stores complain of."""

from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from oven.adapters.storage.s3_errors import s3_translated
from oven.domain.errors import Code, FaultError, TransientError


def refusal(status: int, code: str, operation: str = "PutObject") -> ClientError:
    said: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, operation)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (refusal(403, "SignatureDoesNotMatch"), FaultError, Code.STORAGE_DENIED),
        (refusal(403, "RequestTimeTooSkewed"), FaultError, Code.STORAGE_DENIED),
        (refusal(404, "NoSuchBucket"), FaultError, Code.STORAGE_DENIED),
        (refusal(404, "404", "HeadBucket"), FaultError, Code.STORAGE_DENIED),
        (refusal(400, "EntityTooLarge"), FaultError, Code.STORAGE_DENIED),
        (refusal(503, "SlowDown"), TransientError, Code.UPLOAD_FAILED),
        (refusal(500, ""), TransientError, Code.UPLOAD_FAILED),
        (refusal(400, "RequestTimeout"), TransientError, Code.UPLOAD_FAILED),
        (EndpointConnectionError(endpoint_url="x"), TransientError, Code.UPLOAD_FAILED),
        (aiohttp.ClientPayloadError("cut"), TransientError, Code.UPLOAD_FAILED),
        (ConnectionResetError(), TransientError, Code.UPLOAD_FAILED),
        (ConnectTimeoutError(endpoint_url="x"), TransientError, Code.UPLOAD_TIMEOUT),
        (ReadTimeoutError(endpoint_url="x"), TransientError, Code.UPLOAD_TIMEOUT),
        (TimeoutError(), TransientError, Code.UPLOAD_TIMEOUT),
    ],
)
def test_each_has_its_code(error: Exception, kind: type[Exception], code: Code) -> None:
    """What will pass is told from what an operator has to mend."""
    with pytest.raises(kind) as caught, s3_translated("tapes"):
        raise error
    assert isinstance(caught.value, FaultError | TransientError)
    assert caught.value.code is code
    assert "tapes" in caught.value.message


def test_no_such_object() -> None:
    """Is an answer, where one is looked for."""
    with pytest.raises(FileNotFoundError), s3_translated("tapes"):
        raise refusal(404, "404", "HeadObject")
