"""JSON bodies."""

import anyio
import pytest
from aiohttp import web
from hypothesis import given

from oven.domain.errors import BadInputError, Code
from oven.doors import bodies
from oven.doors.bodies import MAX_FIELD_CHARS, is_text, parse_object, read_object, require_texts
from oven.doors.problems import FieldsError, json_response, problems
from tests.strategies import BODIES


def test_missing_before_wrong() -> None:
    """All that is missing, by name; then all that is no text; in one answer."""
    with pytest.raises(FieldsError) as caught:
        require_texts({"a": None, "b": 7, "d": "\n"}, ["a", "b", "c", "d"])
    assert [pointer for pointer, _ in caught.value.errors] == ["/a", "/c", "/b", "/d"]
    assert caught.value.message.startswith("a is missing; c is missing; b must be a text without")
    assert require_texts({"a": "x", "z": 1}, ["a"]) == {"a": "x"}


def test_texts() -> None:
    """Printable, and not at length."""
    assert is_text("sésame 7")
    assert not any(map(is_text, ["a\x00", "a\r\n", "x" * (MAX_FIELD_CHARS + 1), 7, None, ["x"]]))


@given(BODIES)
def test_any_body_is_an_object_or_refused(data: bytes) -> None:
    """Whatever comes; and what is asked of an object's fields is there as a text, or refused by name."""
    try:
        body = parse_object(data)
        found = require_texts(body, ["mongoId", "slug"])
    except FieldsError as error:
        assert {pointer for pointer, _ in error.errors} <= {"/mongoId", "/slug"}
    except BadInputError as error:
        assert error.code is Code.BODY_INVALID
    else:
        assert all(value and value.isprintable() for value in found.values())


async def test_a_body_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let go after a while, with a problem: nobody's memory is a waiting room."""
    monkeypatch.setattr(bodies, "BODY_TIMEOUT_S", 0.2)

    async def take(request: web.Request) -> web.Response:
        return json_response(dict(await read_object(request)))

    app = web.Application(middlewares=[problems])
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with await anyio.connect_tcp("127.0.0.1", runner.addresses[0][1]) as stream:
            await stream.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            with anyio.fail_after(5):
                said = await stream.receive()
        assert b" 400 " in said
        assert b"did not come within 0.2 s" in said
    finally:
        await runner.cleanup()
