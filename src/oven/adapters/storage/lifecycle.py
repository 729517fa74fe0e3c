"""A rule of a bucket that removes what Oven would have, should Oven be gone."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import structlog
from botocore.exceptions import ClientError

from oven.adapters.storage.lifecycle_document import ExpiryRule, stands, with_rule
from oven.adapters.storage.s3 import S3Storage
from oven.adapters.storage.s3_errors import s3_translated
from oven.domain.errors import Code, FaultError, OvenError

# It is nobody's business but the log's, so nobody waits for it; nor does it wait long.
LIMIT_S = 60.0
NONE_YET = "NoSuchLifecycleConfiguration"
TOLD, TAKEN = (
    "before-parse.s3.GetBucketLifecycleConfiguration",
    "before-call.s3.PutBucketLifecycleConfiguration",
)
# Told in a header, and set back where it is not sent again.
SMALLEST = "TransitionDefaultMinimumObjectSize"
DAY_S = 86_400
log = structlog.get_logger("oven.storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleRule:
    """One rule of a bucket's lifecycle configuration; the operator's others stay as they are.

    `setting` is the variable by which it is left alone; `now_ms` is the time.
    """

    store: S3Storage
    rule: ExpiryRule
    setting: str
    now_ms: Callable[[], int]

    async def ensure(self) -> None:
        """See to it that the rule stands; whatever is in the way is told by one warning in the log."""
        told = {"bucket": self.store.bucket, "rule": self.rule.name}
        try:
            with anyio.fail_after(LIMIT_S):
                is_new = await self._write()
        except Exception as error:  # noqa: BLE001 - a backstop stops nothing
            code, message, detail = _said(error)
            log.warning(
                "lifecycle_rule_missing", **told, code=code, message=message, hint=self.hint, detail=detail
            )
        else:
            if is_new:
                log.info("lifecycle_rule_set", **told, prefix=self.rule.prefix, days=self.rule.days)

    async def look(self) -> tuple[bool, str]:
        """Tell whether the rule stands, or could, and what there is to say of it; nothing is changed."""
        rule = f"the rule {self.rule.name} of {self.store.bucket}"
        try:
            with anyio.fail_after(LIMIT_S):
                document, _ = await self._read()
                if stands(document, self.rule):
                    return True, f"{rule} stands: what is below {self.rule.prefix} {self._goes}"
                await self._check_place()
        except Exception as error:  # noqa: BLE001 - see above
            _, message, _ = _said(error)
            return False, f"{rule} does not stand: {message}; {self.hint}"
        return True, f"{rule} is set when Oven starts: what is below {self.rule.prefix} {self._goes}"

    @property
    def hint(self) -> str:
        return (
            f"let the key read and write the bucket's lifecycle configuration, or see to it yourself that "
            f"what is below {self.rule.prefix} {self._goes}; {self.setting}=false ends this"
        )

    @property
    def _goes(self) -> str:
        return f"goes after {self.rule.days} days"

    async def _write(self) -> bool:
        """Write the rule where it does not stand → whether it was written."""
        document, smallest = await self._read()
        if stands(document, self.rule):
            return False
        await self._check_place()
        body = with_rule(document, self.rule)

        def put(params: dict[str, Any], **_: object) -> None:
            params["body"] = body
            # What stores have asked for ever since, beside the newer checksum that the library adds.
            digest = hashlib.md5(body, usedforsecurity=False).digest()
            params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()

        with _hooked(self.store.client, TAKEN, put), s3_translated(self.store.bucket):
            await self.store.client.put_bucket_lifecycle_configuration(
                Bucket=self.store.bucket, LifecycleConfiguration={"Rules": []}, **smallest
            )
        return True

    async def _read(self) -> tuple[bytes, dict[str, str]]:
        """Give the configuration, empty where there is none, and what is told beside it."""
        told: list[bytes] = []

        def hear(response_dict: dict[str, Any], **_: object) -> None:
            told.append(response_dict["body"])

        with _hooked(self.store.client, TOLD, hear), s3_translated(self.store.bucket):
            try:
                answer = await self.store.client.get_bucket_lifecycle_configuration(Bucket=self.store.bucket)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") != NONE_YET:
                    raise
                return b"", {}
        if not told[-1]:
            # Not that there is none: that has a name. What is written would be all that there is.
            raise ValueError("the store gives nothing for its lifecycle configuration")
        return told[-1], {SMALLEST: answer[SMALLEST]} if SMALLEST in answer else {}

    async def _check_place(self) -> None:
        """Look whether the rule would remove what stands there: Oven's own goes sooner, so that is not.

        Raises:
            FaultError: STORAGE_DENIED, it would.

        """
        since_s = self.now_ms() / 1000 - self.rule.days * DAY_S
        pages = self.store.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.store.bucket, Prefix=self.rule.prefix
        )
        with s3_translated(self.store.bucket):
            async for listed in pages:
                for found in listed.get("Contents", []):
                    if found["LastModified"].timestamp() < since_s:
                        raise FaultError(
                            Code.STORAGE_DENIED,
                            f"below {self.rule.prefix} are objects older than {self.rule.days} days, "
                            "which it would remove",
                            detail=found["Key"],
                        )


@contextmanager
def _hooked(client: Any, event: str, handler: Callable[..., None]) -> Iterator[None]:
    """See what passes between the library and the store, of one kind of request."""
    client.meta.events.register(event, handler)
    try:
        yield
    finally:
        client.meta.events.unregister(event, handler)


def _said(error: Exception) -> tuple[str, str, str]:
    """Give an error's code, what it says, and its detail."""
    if isinstance(error, OvenError):
        return error.code, error.message, error.detail
    if isinstance(error, TimeoutError):
        return Code.UPLOAD_TIMEOUT, "the store took too long to answer", ""
    return Code.INTERNAL, str(error) or type(error).__name__, repr(error)
