"""When a callback that was not taken is sent again."""

# Waits before each try: at once, then ever longer, ten tries within three days (Standard Webhooks).
DELAYS_S = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000)
JITTER = 0.1
# No receiver may ask for a longer pause.
MAX_RETRY_AFTER_S = 86_400
GONE = 410


def next_delay_s(tries: int, *, chance: float, retry_after_s: float = 0) -> float | None:
    """Give the wait after the `tries`-th try has failed, None when it was the last.

    Args:
        tries: tries so far, at least 1.
        chance: from 0 to 1, drawn by the caller.
        retry_after_s: what the receiver asked for, 0 for nothing.

    """
    if tries >= len(DELAYS_S):
        return None
    return max(DELAYS_S[tries] * (1 + JITTER * chance), min(retry_after_s, MAX_RETRY_AFTER_S))
