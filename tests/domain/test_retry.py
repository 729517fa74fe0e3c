"""When a failed attempt is tried again."""

from oven.domain.errors import Code, TransientError
from oven.domain.retry import RetryRule


def test_three_retries_after_the_first_try() -> None:
    """After 5, 10 and 20 seconds; then no more."""
    rule = RetryRule()
    assert [rule.delay_s(failures, 0) for failures in (1, 2, 3, 4)] == [5, 10, 20, None]


def test_jitter_only_lengthens() -> None:
    """By a fifth at most."""
    assert RetryRule().delay_s(1, 1) == 6


def test_a_kind_without_retries() -> None:
    """Its first failure is its last."""
    assert RetryRule(delays_s=()).delay_s(1, 0) is None


def test_what_passes_for_others() -> None:
    """Is final for a kind that says so, with its own hint; everything else of the failure stays."""
    failure = TransientError(Code.ENCODE_TIMEOUT, "it took long", detail="d")
    failure.stage = "encode"
    judged = RetryRule(final={Code.ENCODE_TIMEOUT: "Ask for less."}).judged(failure)
    assert not judged.retryable
    assert (judged.code, judged.message, judged.hint) == (
        Code.ENCODE_TIMEOUT,
        "it took long",
        "Ask for less.",
    )
    assert (judged.detail, judged.stage) == ("d", "encode")
    assert RetryRule().judged(failure) is failure
