"""What is told of an ffmpeg that did not end well."""

import re

from oven.adapters.os_errors import disk_full
from oven.adapters.probing import NOT_RUNNABLE, not_runnable
from oven.adapters.process import Finished, OverdueError
from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError

# What ffmpeg, and x264 in it, say when they get no more.
NO_MEMORY = re.compile(r"Cannot allocate memory|malloc of size \d+ failed")
UNKNOWN_ENCODER = re.compile(r"Unknown encoder '([\w-]+)'")
INSTALL = "Use an ffmpeg that was built with it, as Debian's is."
# What it says, from 5.1 to 8, of a source that cannot be opened, or of which nothing can be decoded.
OF_THE_SOURCE = re.compile(
    r"Invalid data found when processing input|Error while decoding|Error submitting packet to decoder"
    r"|Cannot determine format of input stream|Decod\w+ error rate|Decoder .{0,80}not found"
)
ENCODE, STILLS, PROOF = "the encode", "taking pictures of the video", "proving what was made"


def overdue(error: OverdueError, what: str = ENCODE) -> OvenError:
    """Make the error of a run that took too long; `what` says what it was for."""
    if error.stalled:
        message = f"{what} was stopped because it had not moved for {error.after_s:g} s"
        return TransientError(Code.ENCODE_STALLED, message, detail=error.stderr)
    message = f"{what} was stopped because it took more than {error.after_s:g} s"
    return TransientError(Code.ENCODE_TIMEOUT, message, detail=error.stderr)


def failure(finished: Finished, what: str = ENCODE) -> OvenError:
    """Make the error of a run that ended badly; `what` says what it was for."""
    if finished.returncode in NOT_RUNNABLE:
        return not_runnable(finished)
    detail = f"exit status {finished.returncode}: {finished.stderr}"
    if "No space left on device" in finished.stderr:
        return disk_full("encoding" if what is ENCODE else what, detail)
    if NO_MEMORY.search(finished.stderr):
        return TransientError(
            Code.ENCODE_OOM,
            f"{what} needed more memory than it may take",
            hint=f"Make the picture smaller{', or lower OVEN_ENCODER_THREADS' if what is ENCODE else ''}.",
            detail=detail,
        )
    if unknown := UNKNOWN_ENCODER.search(finished.stderr):
        message = f"this ffmpeg cannot encode by {unknown[1]}"
        return FaultError(Code.ENCODER_UNAVAILABLE, message, hint=INSTALL, detail=detail)
    if finished.returncode < 0:
        return TransientError(Code.ENCODE_CRASHED, "ffmpeg was killed before it was done", detail=detail)
    return FaultError(Code.ENCODE_FAILED, f"ffmpeg gave up: {what} failed", detail=detail)


def failure_with_source(finished: Finished, broken: Code) -> OvenError:
    """Make the error of an encode; `broken` is the code of a source that cannot be decoded.

    That is the fault of whoever sent it, and trying again would not help.
    """
    error = failure(finished)
    is_of_source = error.code is Code.ENCODE_FAILED and OF_THE_SOURCE.search(finished.stderr)
    if not is_of_source or broken is Code.ENCODE_FAILED:
        return error
    return BadInputError(broken, "the source cannot be decoded", hint="Make it again.", detail=error.detail)
