"""When a callback that was not taken is sent again."""

from oven.domain.delivery import DELAYS_S, next_delay_s


def test_ten_tries_within_three_days() -> None:
    """At once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, …; then it is parked."""
    waits = [next_delay_s(tries, chance=0) for tries in range(1, 10)]
    assert waits[:6] == [5, 300, 1800, 7200, 18000, 36000]
    assert 2 * 86_400 < sum(DELAYS_S) < 3 * 86_400
    assert next_delay_s(10, chance=0) is None


def test_the_receiver_may_ask_for_longer() -> None:
    """Not for shorter, and not for ever."""
    assert next_delay_s(1, chance=0, retry_after_s=60) == 60
    assert next_delay_s(3, chance=0, retry_after_s=60) == 1800
    assert next_delay_s(1, chance=0, retry_after_s=1e9) == 86_400
