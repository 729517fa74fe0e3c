"""What the client raises: one class for all of it, and one more where a caller does something else."""

from collections.abc import Sequence

from oven.client.answers import WrongField

UNREACHABLE = "DAEMON_UNREACHABLE"


class OvenError(Exception):
    """One reason why something was not done: Oven's own (problem+json), or the client's.

    `code` is for programs, and `docs/errors.md` lists it; `message` and `hint` are for people.
    `status` is the answer's, 0 where there was none; `errors` are the fields that are wrong.
    `retryable` says that the same may succeed later, `retry_after_s` in how many seconds, where that is told.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 0,
        retryable: bool = False,
        hint: str = "",
        errors: Sequence[WrongField] = (),
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.retryable = retryable
        self.hint = hint
        self.errors = tuple(errors)
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        """Say what is wrong, and by which code."""
        return f"{self.message} [{self.code}]"


class UnreachableError(OvenError):
    """Nobody answered, or somebody who is no Oven.

    `is_sent` where the request may have arrived, and been done.
    """

    def __init__(
        self,
        message: str,
        *,
        is_sent: bool = False,
        retryable: bool = True,
        status: int = 0,
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(
            UNREACHABLE, message, status=status, retryable=retryable, retry_after_s=retry_after_s
        )
        self.is_sent = is_sent
        # By these it is made again in another process.
        self.args = (message,)


class WaitTimeoutError(OvenError, TimeoutError):
    """The job has not ended in the time that it was waited for; it goes on."""


class SignatureError(OvenError):
    """What came is not what Oven sent with this secret, or not now."""
