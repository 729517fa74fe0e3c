"""What handlers say of themselves."""

from aiohttp import web

from oven.doors.description import Answer, Audience, describes, description_of


class Door:
    """One handler that speaks, and one that does not."""

    @describes("Speak", audience=Audience.PUBLIC, answers={200: Answer(when="Always.")})
    async def speak(self, _: web.Request) -> web.Response:
        return web.Response(text="spoken")

    async def keep_silent(self, _: web.Request) -> web.Response:
        return web.Response()


def test_a_description_stands_at_its_handler() -> None:
    """Also at the method that is bound, which is what a route has."""
    said = description_of(Door().speak)
    assert said is not None
    assert (said.summary, said.answers[200].when, said.refusals) == ("Speak", "Always.", {})


def test_silence() -> None:
    """Is told."""
    assert description_of(Door().keep_silent) is None
