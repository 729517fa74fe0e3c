"""One question to an Oven and its answer, asked again where that is safe."""

import email.utils
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from oven.client.errors import OvenError, UnreachableError
from oven.client.exchange import Answer, exchange
from oven.client.place import Place

NO_CONTENT, REFUSED = 204, 400
UNAVAILABLE = 503
# What proxies say for an Oven that is not there.
GATEWAYS = frozenset({502, 503, 504})
# Waits between tries double from the first; each is drawn from half of it to all of it.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0
# However late it is, a try has so long.
SHORTEST_TRY_S = 1.0
# No answer in JSON is longer.
MAX_ANSWER_BYTES = 64 << 20
# Seconds of a Retry-After that are believed.
MAX_RETRY_AFTER_S = 86_400.0
# Every answer of an Oven has it.
MARK = "X-Request-Id"


def pause_s(tries: int) -> float:
    """Give the wait after so many tries, at least 1."""
    longest = min(FIRST_PAUSE_S * 2.0 ** min(tries - 1, 16), LONGEST_PAUSE_S)
    return longest * random.uniform(0.5, 1)  # noqa: S311 - jitter is no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """Asks the Oven at a place, in the name of whom the token is.

    A call may take `timeout_s` with all of its tries, of which there are `tries` at most.
    """

    place: Place
    token: str = field(default="", repr=False)
    timeout_s: float = 30.0
    tries: int = 5

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        is_repeatable: bool = False,
    ) -> Any:
        """Ask → the JSON of the answer.

        A GET, what has a key, and what is said to be repeatable is asked again where the answer is lost or
        says to come back; anything is where it was never sent.

        Args:
            method: of HTTP.
            path: beginning with a slash, escaped.
            query: the query.
            body: what is sent as JSON.
            key: tells repeats of this request (Idempotency-Key).
            is_repeatable: whether asking twice does what asking once does.

        Raises:
            OvenError: it was refused.
            UnreachableError: nobody answered, or no Oven.
            ValueError: the body is no JSON.

        """
        deadline = time.monotonic() + self.timeout_s
        tries = 0
        while True:
            tries += 1
            try:
                left_s = max(deadline - time.monotonic(), SHORTEST_TRY_S)
                return self.once(method, path, query=query, body=body, key=key, timeout_s=left_s)
            except OvenError as error:
                pause = max(error.retry_after_s, pause_s(tries))
                is_safe = method == "GET" or bool(key) or is_repeatable
                is_late = tries >= self.tries or time.monotonic() + pause > deadline
                if is_late or not _may_repeat(error, is_safe=is_safe):
                    raise
            time.sleep(pause)

    def once(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        timeout_s: float | None = None,
    ) -> Any:
        """Ask as `ask` does, a single time; `timeout_s` where it may take less than other calls."""
        patience_s = self.timeout_s if timeout_s is None else min(timeout_s, self.timeout_s)
        headers: dict[str, str | bytes] = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}".encode()
        if key:
            headers["Idempotency-Key"] = key.encode()
        data = None
        if body is not None:
            data = json.dumps(body, allow_nan=False).encode()
            headers["Content-Type"] = "application/json"
        target = path + (f"?{urlencode(query)}" if query else "")
        deadline = time.monotonic() + patience_s
        with exchange(self.place, method, target, headers=headers, data=data, timeout_s=patience_s) as answer:
            text = _read(answer, deadline)
            # Where there is nothing to say, nothing is said.
            said = {} if answer.status == NO_CONTENT else _parse(text)
            if not isinstance(said, dict) or MARK not in answer.headers:
                raise UnreachableError(
                    f"what answers at {self.place.shown} is no Oven",
                    is_sent=True,
                    retryable=answer.status in GATEWAYS,
                    status=answer.status,
                    retry_after_s=_retry_after_s(answer.headers.get("Retry-After", "")),
                )
            if answer.status >= REFUSED:
                raise _refusal(answer, said)
            return said


def _read(answer: Answer, deadline: float) -> bytes:
    """Read an answer to its end.

    Raises:
        UnreachableError: that is too far away.

    """
    read = bytearray()
    for chunk in answer.chunks():
        read += chunk
        if len(read) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
            raise UnreachableError(f"the answer of {answer.place.shown} does not end", is_sent=True)
    return bytes(read)


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _refusal(answer: Answer, said: Mapping[str, Any]) -> OvenError:
    errors = said.get("errors")
    message = said.get("error") or said.get("detail") or f"it was refused with {answer.status}"
    return OvenError(
        str(said.get("code", "INTERNAL")),
        str(message),
        status=answer.status,
        retryable=said.get("retryable") is True,
        hint=str(said.get("hint", "")),
        errors=errors if isinstance(errors, list) else (),
        retry_after_s=_retry_after_s(answer.headers.get("Retry-After", "")),
    )


def _retry_after_s(text: str) -> float:
    """Read a Retry-After: seconds, or an instant (RFC 9110, 10.2.3); 0 where there is none."""
    if text.isascii() and text.isdecimal():
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _may_repeat(error: OvenError, *, is_safe: bool) -> bool:
    if not error.retryable:
        return False
    if isinstance(error, UnreachableError):
        return is_safe or not error.is_sent
    return is_safe and error.status == UNAVAILABLE
