"""JSON bodies."""

import anyio
import pytest
from aiohttp import web
from hypothesis import given

from oven.domain.errors import BadInputError, Code
from oven.doors import bodies
from oven.doors.bodies import parse_as, parse_object, read_object
from oven.doors.fields import Asked, Text
from oven.doors.problems import FieldsError, json_response, problems
from tests.serving import serving
from tests.strategies import BODIES


class Pair(Asked):
    """Two texts."""

    mongo_id: Text
    slug: Text


@given(BODIES)
def test_any_body_is_an_object_or_refused(data: bytes) -> None:
    """Whatever comes; and what is asked of an object's fields is there as a text, or refused by name."""
    try:
        found = parse_as(Pair, parse_object(data))
    except FieldsError as error:
        assert {pointer for pointer, _ in error.errors} <= {"/mongoId", "/slug"}
    except BadInputError as error:
        assert error.code is Code.BODY_INVALID
    else:
        assert all(value and value.isprintable() for value in (found.mongo_id, found.slug))


async def test_a_body_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let go after a while, with a problem: nobody's memory is a waiting room."""
    monkeypatch.setattr(bodies, "BODY_TIMEOUT_S", 0.2)

    async def take(request: web.Request) -> web.Response:
        return json_response(dict(await read_object(request)))

    app = web.Application(middlewares=[problems])
    app.router.add_post("/", take)
    async with (
        serving(app, shutdown_timeout=0.1) as port,
        await anyio.connect_tcp("127.0.0.1", port) as stream,
    ):
        await stream.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with anyio.fail_after(5):
            said = await stream.receive()
    assert b" 400 " in said
    assert b"did not come within 0.2 s" in said
