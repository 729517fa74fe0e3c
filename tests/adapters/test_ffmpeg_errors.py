"""What is told of an ffmpeg that did not end well."""

import pytest

from oven.adapters.ffmpeg_errors import PROOF, failure, failure_with_source, overdue
from oven.adapters.process import Finished, OverdueError
from oven.domain.errors import BadInputError, Code, FaultError, OvenError


def ended(stderr: str = "", returncode: int = 1) -> Finished:
    return Finished(returncode=returncode, stderr=stderr, seconds=0.1)


@pytest.mark.parametrize(
    ("finished", "code", "retryable"),
    [
        (ended("x264 [error]: malloc of size 9 failed"), Code.ENCODE_OOM, True),
        (ended("av_write_frame(): No space left on device"), Code.DISK_FULL, True),
        (ended(returncode=-9), Code.ENCODE_CRASHED, True),
        (ended(returncode=127), Code.ENCODER_UNAVAILABLE, True),
        (ended("Unknown encoder"), Code.ENCODE_FAILED, False),
    ],
)
def test_ends(finished: Finished, code: Code, retryable: bool) -> None:  # noqa: FBT001
    """Each has its code, whoever's source it was, and what may pass is tried again."""
    for error in (failure(finished, PROOF), failure_with_source(finished, Code.MEDIA_INVALID)):
        assert (error.code, error.retryable) == (code, retryable)


# What ffmpeg 5.1 and 7 say at the end of their runs.
@pytest.mark.parametrize(
    "said",
    [
        "in/source: Invalid data found when processing input",
        "[in#0 @ 0x5] Error opening input: Invalid data found when processing input",
        "Cannot determine format of input stream 0:0 after EOF",
        "Decoding error rate 1 exceeds maximum 0.666667",
        "[vist#0:0/h264 @ 0x5] Decode error rate 1 exceeds maximum 0.666667",
        "Decoder (codec none) not found for input stream #0:0",
        "Error while decoding stream #0:0: Invalid argument\nConversion failed!",
    ],
)
def test_a_source_is_to_blame(said: str) -> None:
    """Of what it says it is the sender's fault where the step has a code for it, and else ours."""
    error: OvenError = failure_with_source(ended(said), Code.MEDIA_INVALID)
    assert isinstance(error, BadInputError)
    assert (error.code, error.message) == (Code.MEDIA_INVALID, "the source cannot be decoded")
    assert said in error.detail
    assert isinstance(failure_with_source(ended(said), Code.ENCODE_FAILED), FaultError)


def test_too_long() -> None:
    """It is told what was stopped, and whether it had moved."""
    error = overdue(OverdueError(stalled=True, after_s=9, stderr="x"), PROOF)
    assert (error.code, error.retryable, error.detail) == (Code.ENCODE_STALLED, True, "x")
    assert error.message == "proving what was made was stopped because it had not moved for 9 s"
    assert overdue(OverdueError(stalled=False, after_s=9, stderr="")).code is Code.ENCODE_TIMEOUT
