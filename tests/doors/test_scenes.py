"""Scenes, asked over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from jsonschema_rs import Registry, validator_for

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.exports import Shelf
from tests.imports import Importer, clip, importing, running_host

NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
async def film(daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A video of sarah's, a second long."""
    async with (
        running_host(film_mp4=clip(tmp_path_factory.mktemp("clip"))) as host,
        importing(daemon, **ADMIN) as ask,
    ):
        asset = await ask.brought(f"{host.base}/film.mp4", user_id="sarah")
    assert asset["status"] == "READY"
    return str(asset["id"])


@pytest.fixture
async def sarah(daemon: Daemon) -> AsyncIterator[Importer]:
    async with importing(daemon, **ADMIN) as admin:
        _, key = await admin.ask("POST", "/v1/keys", json={"owner": "sarah"})
    async with importing(daemon, **OUTSIDE, Authorization=f"Bearer {key['key']}") as ask:
        yield ask


async def cut(ask: Importer, film: str, start_s: float = 0.25, end_s: float = 0.75, **more: Any) -> str:
    asked = {"start_s": start_s, "end_s": end_s, **more}
    status, scene = await ask.ask("POST", f"/v1/videos/{film}/scenes", json=asked)
    assert status == 201, scene
    return str(scene["id"])


async def test_a_scene(sarah: Importer, film: str) -> None:
    """Is kept as it is asked for, and found by its id, in letters of either size."""
    asked = {"start_s": 0, "end_s": 0.75, "name": "Der Kuß 💋"}
    status, scene = await sarah.ask("POST", f"/v1/videos/{film.upper()}/scenes", json=asked)
    assert status == 201
    assert scene == {
        "id": scene["id"],
        "video_id": film,
        "name": "Der Kuß 💋",
        "start_s": 0.0,
        "end_s": 0.75,
        "duration_s": 0.75,
        "can_export": True,
        "created_at": scene["created_at"],
        "updated_at": scene["created_at"],
    }
    assert await sarah.ask("GET", f"/v1/scenes/{scene['id'].upper()}") == (200, scene)
    _, listed = await sarah.ask("GET", f"/v1/videos/{film}/scenes")
    assert scene in listed["scenes"]
    _, said = await sarah.ask("GET", "/openapi.json")
    told = {"$ref": "urn:oven#/components/schemas/ScenesJson"}
    validator_for(told, registry=Registry([("urn:oven", said)])).validate(listed)


async def test_scenes_of_a_video(sarah: Importer, film: str) -> None:
    """Stand in the order in which they begin, also where many are cut at once."""
    made: list[str] = []

    async def one(number: int) -> None:
        made.append(await cut(sarah, film, (number * 7 % 20) / 100, 0.9, name="many"))

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(one, number)
    _, listed = await sarah.ask("GET", f"/v1/videos/{film}/scenes")
    mine = [each for each in listed["scenes"] if each["name"] == "many"]
    assert [each["start_s"] for each in mine] == [number / 100 for number in range(20)]
    assert {each["id"] for each in mine} == set(made)


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({}, ["/start_s", "/end_s"]),
        ({"start_s": None, "end_s": 1}, ["/start_s"]),
        ({"start_s": -0.001, "end_s": "1", "name": "a\n"}, ["/start_s", "/end_s", "/name"]),
        ({"start_s": True, "end_s": [1]}, ["/start_s", "/end_s"]),
        ({"start_s": 0.5, "end_s": 0.5, "name": "a" * 256}, ["/end_s", "/name"]),
        ({"start_s": 0.5, "end_s": 0.55}, ["/end_s"]),
        ({"start_s": 0, "end_s": 9}, ["/end_s"]),
        ({"start_s": 5, "end_s": 1e300}, ["/start_s", "/end_s"]),
        ({"start_s": 0, "end_s": 0.5, "name": 7}, ["/name"]),
    ],
)
async def test_wrong_fields(sarah: Importer, film: str, asked: dict[str, Any], pointers: list[str]) -> None:
    """Are told together."""
    status, problem = await sarah.ask("POST", f"/v1/videos/{film}/scenes", json=asked)
    assert (status, problem["code"]) == (400, "FIELD_INVALID")
    assert [error["pointer"] for error in problem["errors"]] == pointers


@pytest.mark.parametrize("body", ["", "[]", '{"start_s": NaN, "end_s": 1}', '{"start_s": 0, "end_s": 1e309}'])
async def test_bodies_that_are_none(sarah: Importer, film: str, body: str) -> None:
    """Nor does JSON know numbers beyond all numbers."""
    status, problem = await sarah.ask("POST", f"/v1/videos/{film}/scenes", data=body)
    assert (status, problem["code"]) == (400, "BODY_INVALID")


async def test_the_end_of_a_video(sarah: Importer, film: str) -> None:
    """Is a scene's, where that is said to end a little behind it."""
    _, video = await sarah.ask("GET", f"/v1/videos/{film}")
    asked = {"start_s": 0, "end_s": video["duration_s"] + 0.09}
    _, scene = await sarah.ask("POST", f"/v1/videos/{film}/scenes", json=asked)
    assert scene["end_s"] == video["duration_s"]


async def test_videos_that_cannot_be(sarah: Importer, shelf: Shelf, daemon: Daemon) -> None:
    """Others' and what is no video are not there; what is there has to be READY."""
    good = {"start_s": 0, "end_s": 0.5}
    async with importing(daemon, **ADMIN) as admin:
        for ask, video, expected in (
            (sarah, shelf.film, (404, "NOT_FOUND")),
            (sarah, NOBODYS, (404, "NOT_FOUND")),
            (sarah, "0", (404, "NOT_FOUND")),
            (sarah, "x", (404, "NOT_FOUND")),
            (admin, shelf.picture, (404, "NOT_FOUND")),
            (admin, shelf.broken, (409, "ASSET_CONFLICT")),
        ):
            status, problem = await ask.ask("POST", f"/v1/videos/{video}/scenes", json=good)
            assert (status, problem["code"]) == expected, video
        assert problem["error"] == "the video is FAILED; it must be READY"
        assert await admin.ask("GET", f"/v1/videos/{shelf.broken}/scenes") == (200, {"scenes": []})
    assert (await sarah.ask("GET", f"/v1/videos/{shelf.film}/scenes"))[0] == 404


async def test_a_change(sarah: Importer, film: str) -> None:
    """Of what is named; what becomes of the scene is checked as a whole."""
    path = f"/v1/scenes/{await cut(sarah, film, name='Old')}"
    status, changed = await sarah.ask("PATCH", path, json={"name": "New", "end_s": None})
    assert (status, changed["name"], changed["start_s"], changed["end_s"]) == (200, "New", 0.25, 0.75)
    _, changed = await sarah.ask("PATCH", path.upper().replace("/V1/SCENES", "/v1/scenes"), json={"name": ""})
    assert changed["name"] == ""
    _, changed = await sarah.ask("PATCH", path, json={"start_s": 0.5})
    assert (changed["start_s"], changed["end_s"], changed["duration_s"]) == (0.5, 0.75, 0.25)
    for asked in ({"end_s": 0.4}, {"end_s": 3}, {"start_s": 0.1, "end_s": 0.1}, {"end_s": "1"}):
        status, problem = await sarah.ask("PATCH", path, json=asked)
        assert (status, problem["errors"][0]["pointer"]) == (400, "/end_s"), asked
    assert await sarah.ask("GET", path) == (200, changed)


async def test_two_who_change_a_scene(sarah: Importer, film: str) -> None:
    """At once never make one that ends before it begins."""
    path = f"/v1/scenes/{await cut(sarah, film, 0.4, 0.6)}"
    statuses: list[int] = []

    async def change(asked: dict[str, float]) -> None:
        statuses.append((await sarah.ask("PATCH", path, json=asked))[0])

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(change, {"start_s": 0.9, "end_s": 1})
            group.start_soon(change, {"end_s": 0.5})
            group.start_soon(change, {"start_s": 0.0})
    _, scene = await sarah.ask("GET", path)
    assert scene["end_s"] - scene["start_s"] >= 0.09
    assert set(statuses) <= {200, 400}


async def test_a_deletion(sarah: Importer, film: str) -> None:
    """It is found no more; others cannot, and for them it is not there."""
    path = f"/v1/scenes/{await cut(sarah, film)}"
    async with importing(sarah.daemon, **ADMIN) as admin:
        _, key = await admin.ask("POST", "/v1/keys", json={"owner": "simon"})
        assert (await admin.ask("GET", path))[0] == 200
    async with importing(sarah.daemon, **OUTSIDE, Authorization=f"Bearer {key['key']}") as simon:
        for method in ("GET", "PATCH", "DELETE"):
            status, problem = await simon.ask(method, path, json={})
            assert (status, problem["code"], problem["error"]) == (404, "NOT_FOUND", "there is no such scene")
    assert (await sarah.ask("DELETE", path))[0] == 204
    for method in ("GET", "PATCH", "DELETE"):
        assert (await sarah.ask(method, path, json={}))[0] == 404


async def test_a_video_that_is_deleted(sarah: Importer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hides its scenes at once."""
    async with running_host(film_mp4=clip(tmp_path_factory.mktemp("clip"))) as host:
        _, video = await sarah.ask("POST", "/v1/videos", json={"url": f"{host.base}/film.mp4", "name": "x"})
        await sarah.settled(video["id"])
    scene = await cut(sarah, video["id"])
    await sarah.ask("DELETE", f"/api/v1/media/{video['id']}")
    for method, path in (
        ("GET", f"/v1/scenes/{scene}"),
        ("PATCH", f"/v1/scenes/{scene}"),
        ("DELETE", f"/v1/scenes/{scene}"),
        ("GET", f"/v1/videos/{video['id']}"),
        ("GET", f"/v1/videos/{video['id']}/scenes"),
        ("POST", f"/v1/videos/{video['id']}/scenes"),
    ):
        status, problem = await sarah.ask(method, path, json={})
        assert (status, problem["code"]) == (404, "NOT_FOUND"), path
