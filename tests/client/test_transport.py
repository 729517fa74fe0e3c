"""One question to an Oven and its answer, asked again where that is safe."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from oven.client.errors import OvenError, UnreachableError
from oven.client.place import place_of
from oven.client.transport import MAX_RETRY_AFTER_S, Transport, _retry_after_s, pause_s
from tests.calls import call
from tests.client.servers import OURS, Way, answering, fine, gone, page, problem


@pytest.mark.parametrize(("method", "key"), [("GET", ""), ("POST", "k")])
async def test_a_lost_answer(method: str, key: str) -> None:
    """What is safe to repeat is asked again, with the same key."""
    async with answering(gone, page(502), fine) as server:
        assert await server.ask(method, key=key) == {"fine": True}
        assert [request.headers.get("Idempotency-Key", "") for request in server.asked] == [key] * 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_what_may_have_been_done(method: str) -> None:
    """Is not asked again."""
    async with answering(gone, fine) as server:
        with pytest.raises(UnreachableError) as caught:
            await server.ask(method)
        assert (len(server.asked), caught.value.is_sent, caught.value.retryable) == (1, True, True)


async def test_what_is_said_to_be_repeatable() -> None:
    """Is asked again, without a key."""
    async with answering(gone, fine) as server:
        transport = server.transport()
        assert await call(transport.ask, "POST", "/x", is_repeatable=True) == {"fine": True}


async def test_a_full_oven() -> None:
    """Is asked again, not before it says."""
    async with answering(problem(503, "QUEUE_FULL", retryable=True, Retry_After="1"), fine) as server:
        began = time.monotonic()
        assert await server.ask("POST", key="k") == {"fine": True}
        assert time.monotonic() - began >= 1


async def test_an_oven_that_is_full_for_long() -> None:
    """Whoever would wait longer than they may is told at once, and for how long."""
    async with answering(problem(503, "QUEUE_FULL", retryable=True, Retry_After="60")) as server:
        with pytest.raises(OvenError) as caught:
            await server.ask(timeout_s=5)
        assert (len(server.asked), caught.value.retry_after_s, caught.value.code) == (1, 60, "QUEUE_FULL")


async def test_tries_are_bounded() -> None:
    """So many, and then the last refusal."""
    async with answering(problem(503, "QUEUE_FULL", retryable=True)) as server:
        with pytest.raises(OvenError, match="QUEUE_FULL"):
            await server.ask(tries=2)
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "FIELD_INVALID"), (401, "AUTH_INVALID"), (503, "DOOR_CLOSED"), (404, "NOT_FOUND")],
)
async def test_a_refusal(status: int, code: str) -> None:
    """Is told with all that was said, once."""
    async with answering(problem(status, code)) as server:
        with pytest.raises(OvenError) as caught:
            await server.ask(key="k")
        error = caught.value
        assert (error.status, error.code, error.message, error.hint) == (status, code, "why not", "do this")
        assert (error.retryable, len(server.asked)) == (False, 1)
        assert str(error) == f"why not [{code}]"


@pytest.mark.parametrize(
    ("say", "retryable"),
    [
        (page(200), False),
        (page(404), False),
        (page(503), True),
        (lambda _: web.json_response({"fine": True}), False),
        (lambda _: web.json_response([1], headers=OURS), False),
        (lambda _: web.Response(text="[" * 100_000, headers=OURS), False),
    ],
)
async def test_who_is_no_oven(say: Way, *, retryable: bool) -> None:
    """Is not believed; a proxy that has lost its Oven may have one again."""
    async with answering(say) as server:
        with pytest.raises(UnreachableError, match="is no Oven") as caught:
            await server.ask(tries=1)
        assert caught.value.retryable is retryable


def test_nobody_there() -> None:
    """Nothing was sent, so anything may be asked again; it is told in a sentence."""
    with pytest.raises(
        UnreachableError, match=r"no Oven answers at http://127.0.0.1:9: connection refused"
    ) as caught:
        Transport(place=place_of("http://127.0.0.1:9"), tries=2).ask("DELETE", "/x")
    assert (caught.value.is_sent, caught.value.code) == (False, "DAEMON_UNREACHABLE")


async def test_who_asks() -> None:
    """Is told to the Oven, and to no reader of a log."""
    async with answering(fine) as server:
        await server.ask(token="sésame")
        sent = server.asked[0].headers["Authorization"].encode("utf-8", "surrogateescape")
        assert sent == "Bearer sésame".encode()
        assert "sésame" not in repr(server.transport(token="sésame"))


def test_pauses_grow() -> None:
    """From a quarter of a second to five, each drawn from its upper half."""
    assert all(0.125 <= pause_s(1) <= 0.25 for _ in range(100))
    assert all(2.5 <= pause_s(tries) <= 5 for tries in range(6, 2_000))


@given(st.text() | st.integers().map(str))
def test_any_retry_after(text: str) -> None:
    """Is a number of seconds that can be waited for."""
    assert 0 <= _retry_after_s(text) <= MAX_RETRY_AFTER_S


def test_retry_after_an_instant() -> None:
    """Is the time until then."""
    at = datetime.now(UTC) + timedelta(seconds=90)
    assert 80 < _retry_after_s(format_datetime(at, usegmt=True)) <= 90
    assert _retry_after_s("Fri, 01 Jan 1999 00:00:00 GMT") == 0
