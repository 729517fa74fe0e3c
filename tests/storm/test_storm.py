"""A short storm over the doors, and whether it reaches all of them."""

from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from aiohttp import web

from oven.doors.bake import BakeDoor
from oven.doors.convert import ConvertDoor
from oven.doors.events import EventsDoor
from oven.doors.files import FilesDoor
from oven.doors.jobs import JobsDoor
from oven.doors.keys import KeysDoor
from oven.doors.live import LiveDoor
from oven.doors.metrics import MetricsDoor
from oven.doors.ops import OpsDoor
from tests.storm.openapi import document
from tests.storm.storm import storm


class Door(Protocol):
    """Anything with routes."""

    def routes(self) -> list[web.RouteDef]: ...


NOTHING = cast("Any", None)


@pytest.mark.timeout(120)
async def test_a_storm(tmp_path: Path) -> None:
    """Every answer is one that the door may give: no crash, problems as problems, bad data refused."""
    weather = await storm(tmp_path, count=8, seed=20261120)
    assert weather.crashes == []
    assert weather.is_fair, weather.said
    assert weather.requests > 100


def test_every_route_is_described() -> None:
    """A route that the description lacks would stand in the sun."""
    doors: tuple[Door, ...] = (
        BakeDoor(
            service=NOTHING,
            secret="",
            bucket="",
            check_source=NOTHING,
            check_callback=NOTHING,
            seal=NOTHING,
            seal_url=NOTHING,
        ),
        ConvertDoor(
            service=NOTHING,
            token="",
            is_safe=True,
            place_for=NOTHING,
            check_source=NOTHING,
            check_callback=NOTHING,
            seal_url=NOTHING,
        ),
        JobsDoor(service=NOTHING, access=NOTHING),
        KeysDoor(identity=NOTHING, access=NOTHING),
        OpsDoor(view=NOTHING, look=NOTHING),
        MetricsDoor(render=NOTHING, access=NOTHING),
        EventsDoor(board=NOTHING, access=NOTHING),
        LiveDoor(view=NOTHING, pulse=NOTHING, origins=frozenset()),
        FilesDoor(locate=NOTHING, open_link=NOTHING),
    )
    routes = {
        (route.path.replace(":.+", ""), route.method.lower()) for door in doors for route in door.routes()
    }
    described = {(path, method) for path, item in document([]).get("paths", {}).items() for method in item}
    assert routes == described
