"""Errors and their codes."""

from oven.domain.errors import BadInputError, Code, FaultError, OvenError, TransientError, WarningCode


def test_public_members() -> None:
    """What stands in a job's error; the detail is for the log alone."""
    error = BadInputError(Code.NO_FRAMES, "no frames", hint="add some", detail="/secret/path")
    error.stage = "unpack"
    assert error.as_json() == {
        "code": "NO_FRAMES",
        "message": "no frames",
        "hint": "add some",
        "retryable": False,
        "stage": "unpack",
    }
    assert str(error) == "no frames"


def test_classes_say_what_to_do() -> None:
    """Only transient errors are worth another try; only bad input is the caller's."""
    assert [kind.retryable for kind in (OvenError, BadInputError, TransientError, FaultError)] == [
        False,
        False,
        True,
        False,
    ]
    assert [kind.status for kind in (BadInputError, TransientError, FaultError)] == [400, 503, 500]


def test_codes_are_their_own_names() -> None:
    """So that a code in a log is the code in the source."""
    assert all(code.name == code.value for kind in (Code, WarningCode) for code in kind)
