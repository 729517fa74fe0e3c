"""What the client raises."""

import pickle

import pytest

from oven.client import OvenError, SignatureError, UnreachableError, WaitTimeoutError


@pytest.mark.parametrize("kind", [OvenError, SignatureError, WaitTimeoutError])
def test_one_class_for_all(kind: type[OvenError]) -> None:
    """Whoever catches OvenError catches everything; it says what and why."""
    error = kind("CODE", "what is wrong", hint="what to do")
    assert isinstance(error, OvenError)
    assert (str(error), error.hint) == ("what is wrong [CODE]", "what to do")


def test_a_timeout_is_one() -> None:
    """For those who catch TimeoutError; nobody there may pass."""
    assert issubclass(WaitTimeoutError, TimeoutError)
    assert UnreachableError("nobody").retryable


@pytest.mark.parametrize(
    "error",
    [
        OvenError("CODE", "why", status=503, retryable=True, retry_after_s=5),
        UnreachableError("why", is_sent=True),
    ],
)
def test_between_processes(error: OvenError) -> None:
    """An error of a worker is the same where it is looked at."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), vars(again)) == (type(error), vars(error))
