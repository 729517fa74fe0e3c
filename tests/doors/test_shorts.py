"""The short door, asked over HTTP."""

import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN
from tests.doors.test_webhooks import check_posted, posts_of
from tests.exports import Shelf
from tests.imports import clip, running_host
from tests.shorts import EXPORTS, Cast, Director, cast, directing
from tests.site import running_site

NOBODYS = "550e8400-e29b-41d4-a716-446655440000"


@pytest.fixture
async def carla(daemon: Daemon, shelf: Shelf) -> AsyncIterator[Cast]:
    """A user who has exported nothing today, and whose exports end with the test."""
    async with cast(daemon, f"carla-{secrets.token_hex(4)}", f"{shelf.host.base}/film.mp4", **ADMIN) as carla:
        yield carla
        _, page = await carla.ask.ask("GET", EXPORTS)
        for short in page["exports"]:
            await carla.ask.cancel(short["export_id"])


async def test_a_short(carla: Cast) -> None:
    """Is accepted at once, then made, told where it was asked to be, and downloaded under its name."""
    ask = carla.ask
    scene = await ask.scene(carla.video, 0.2, 0.6)
    async with running_site() as site:
        told_to = {"callbackUrl": f"{site.base}/done", "progressUrl": f"{site.base}/progress"}
        status, accepted = await ask.order(
            scene, aspect_ratio_strategy="blur", output_quality="medium", callbackSecret="s", **told_to
        )
        assert (status, accepted["status"], accepted["scene_id"]) == (202, "pending", scene)
        assert (accepted["quota"]["limit"], accepted["quota"]["remaining"]) == (10, 9)
        short = await ask.ended(accepted["export_id"])
        (end,) = await posts_of(site, "/done", last=b"complete")
        progress = await posts_of(site, "/progress", last=b'"done"')
    assert (short["status"], short["progress"], short["error"]) == ("completed", 100, None)
    assert (short["resolution"], short["expired"], short["video_id"]) == ("1080x1920", False, carla.video)
    assert short["duration_s"] == pytest.approx(0.4, abs=0.04)
    assert (short["start_s"], short["end_s"]) == (0.2, 0.6)
    async with ask.client.get(short["download_url"]) as answer:
        assert answer.content_type == "video/mp4"
        assert answer.headers["Content-Disposition"].endswith("scene_short.mp4")
        assert len(await answer.read()) == short["file_size_bytes"]
    _, said = await ask.ask("GET", "/openapi.json")
    told = check_posted(said, "shortEnded", end)
    assert (told["scene_id"], told["status"], told["jobId"]) == (scene, "complete", short["export_id"])
    assert told["key"] == f"exports/{carla.name}/{short['export_id']}.mp4"
    for each in progress:
        assert check_posted(said, "shortProgress", each)["video_id"] == carla.video


async def test_a_part_of_a_scene(carla: Cast) -> None:
    """Its times count from the scene's begin; outside of that there is nothing."""
    scene = await carla.ask.scene(carla.video, 0.5, 1.0)
    _, accepted = await carla.ask.order(scene, trim={"start_s": 0.1, "end_s": 0.3})
    short = await carla.ask.told(accepted["export_id"])
    assert (short["start_s"], short["end_s"]) == (0.6, 0.8)
    assert (short["aspect_ratio_strategy"], short["output_quality"]) == ("center_crop", "high")
    status, refused = await carla.ask.order(scene, trim={"start_s": 0.1, "end_s": 0.7})
    assert (status, refused["code"]) == (400, "FIELD_INVALID")
    assert [each["pointer"] for each in refused["errors"]] == ["/trim/end_s"]


WRONG: Sequence[tuple[dict[str, Any], str, str]] = (
    ({"aspect_ratio_strategy": "smart"}, "/aspect_ratio_strategy", "smart is not there yet"),
    ({"aspect_ratio_strategy": "fill"}, "/aspect_ratio_strategy", "center_crop, letterbox, blur"),
    ({"output_quality": "best"}, "/output_quality", "must be one of high, medium"),
    ({"trim": {"start_s": -1, "end_s": 2}}, "/trim/start_s", "0 or more"),
    ({"trim": [0, 1]}, "/trim", "must be"),
    ({"trim": {"start_s": 0}}, "/trim/end_s", "missing"),
    ({"strategy": "blur"}, "/strategy", "strategy is no field; it must be one of aspect_ratio_strategy,"),
    (
        {"trim": {"start": 0, "end_s": 1}},
        "/trim/start",
        "start is no field; it must be one of end_s, start_s",
    ),
    ({"callbackUrl": "ftp://h/"}, "/callbackUrl", "https"),
)


async def test_what_cannot_be(carla: Cast) -> None:
    """Is refused at its place, with what would be right; it costs nothing."""
    scene = await carla.ask.scene(carla.video)
    for body, pointer, said in WRONG:
        status, refused = await carla.ask.order(scene, **body)
        assert (status, [each["pointer"] for each in refused["errors"]]) == (400, [pointer])
        assert said in refused["error"]
    _, told = await carla.ask.ask("GET", f"{EXPORTS}/quota")
    assert told["quota"]["used"] == 0


async def test_what_is_too_long(carla: Cast, tmp_path: Path) -> None:
    """More than 180 s are refused; a part of them may be exported."""
    long = clip(tmp_path, "-filter_complex", "testsrc2=s=64x48:r=2:d=190", "-an", name="long.mp4")
    async with running_host(long_mp4=long) as host, directing(carla.ask.daemon, **ADMIN) as admin:
        video = await admin.brought(f"{host.base}/long.mp4", user_id=carla.name)
    scene = await carla.ask.scene(video["id"], 0, 180.5)
    status, refused = await carla.ask.order(scene)
    assert (status, refused["code"], refused["retryable"]) == (400, "FIELD_INVALID", False)
    assert refused["errors"][0]["pointer"] == "/trim"
    assert "the scene lasts 180.5 s; of more than 180 s a trim must be given" in refused["error"]
    status, refused = await carla.ask.order(scene, trim={"start_s": 0, "end_s": 180.3})
    assert (status, refused["code"]) == (400, "FIELD_INVALID")
    status, accepted = await carla.ask.order(scene, trim={"start_s": 0, "end_s": 180})
    assert status == 202
    assert (await carla.ask.cancel(accepted["export_id"]))["error_code"] == "CANCELLED"


async def test_what_is_anothers_is_not_there(carla: Cast, alice: Director, shelf: Shelf) -> None:
    """Nor is what is malformed; of several, it is told which."""
    scene = await carla.ask.scene(carla.video)
    _, accepted = await carla.ask.order(scene)
    for path in (f"{EXPORTS}/{accepted['export_id']}", f"{EXPORTS}/nonsense", f"{EXPORTS}/%00"):
        for method in ("GET", "DELETE"):
            status, told = await alice.ask(method, path)
            assert (status, told["error"]) == (404, "there is no such export")
    for wrong in (scene, NOBODYS, "nonsense", scene[:-1]):
        status, told = await alice.ask("POST", f"/v1/scenes/{wrong}/export-short", json={})
        assert (status, told["error"]) == (404, "there is no such scene")
    several = {"exports": [{"scene_id": scene}, {"scene_id": NOBODYS}]}
    status, told = await carla.ask.ask("POST", "/v1/scenes/export-shorts", json=several)
    assert (status, told["error"]) == (404, "exports.1.scene_id: there is no such scene")
    # A job of another kind is no export of a scene.
    _, jobs = await alice.ask("GET", "/v1/jobs?kind=import")
    status, _ = await alice.ask("GET", f"{EXPORTS}/{jobs['jobs'][0]['id']}")
    assert status == 404
    assert shelf.film


async def test_a_day_has_ten(carla: Cast) -> None:
    """Of twenty that come at once when one is left, one is accepted; the others are told when to come."""
    ask = carla.ask
    scene = await ask.scene(carla.video, 0.0, 1.0)

    def part(number: int) -> dict[str, float]:
        return {"start_s": number / 100, "end_s": number / 100 + 0.1}

    several = [{"scene_id": scene, "trim": part(number)} for number in range(9)]
    status, begun = await ask.ask("POST", "/v1/scenes/export-shorts", json={"exports": several})
    assert (status, len(begun["exports"]), begun["quota"]["remaining"]) == (202, 9, 1)
    two = {"exports": [{"scene_id": scene, "trim": part(number)} for number in (40, 41)]}
    status, _ = await ask.ask("POST", "/v1/scenes/export-shorts", json=two)
    assert status == 429
    answers: list[tuple[int, dict[str, Any]]] = []

    async def order(number: int) -> None:
        answers.append(await ask.order(scene, trim=part(number)))

    async with anyio.create_task_group() as group:
        for number in range(50, 70):
            group.start_soon(order, number)
    assert sorted(status for status, _ in answers) == [202] + [429] * 19
    refused = next(body for status, body in answers if status == 429)
    assert (refused["code"], refused["retryable"]) == ("RATE_LIMITED", True)
    assert (refused["quota"]["used"], refused["quota"]["remaining"]) == (10, 0)
    # What was asked for already is free.
    assert (await ask.order(scene, trim=part(8)))[0] in {202, 429}
    _, told = await ask.ask("GET", f"{EXPORTS}/quota")
    assert told["quota"] == refused["quota"]
    # The last is waiting still: as it has not begun, it is given back.
    last = next(body["export_id"] for status, body in answers if status == 202)
    await ask.cancel(last)
    _, told = await ask.ask("GET", f"{EXPORTS}/quota")
    assert told["quota"]["remaining"] == 1


async def test_the_admin(carla: Cast) -> None:
    """Exports anybody's, without a bound; what comes of it is theirs."""
    scene = await carla.ask.scene(carla.video)
    async with directing(carla.ask.daemon, **ADMIN) as admin:
        status, accepted = await admin.order(scene)
        assert (status, accepted["quota"]) == (202, None)
        assert (await admin.ask("GET", f"{EXPORTS}/quota"))[1] == {"quota": None}
    _, told = await carla.ask.ask("GET", f"{EXPORTS}/quota")
    assert told["quota"]["used"] == 0
    assert (await carla.ask.told(accepted["export_id"]))["scene_id"] == scene


async def test_the_same_again(carla: Cast) -> None:
    """Gives the same export while it is active, and by its key for a day, at no cost."""
    scene = await carla.ask.scene(carla.video)
    carla.ask.headers["Idempotency-Key"] = "shorts 1"
    _, first = await carla.ask.order(scene)
    await carla.ask.cancel(first["export_id"])
    _, again = await carla.ask.order(scene)
    assert (again["export_id"], again["status"]) == (first["export_id"], "failed")
    status, refused = await carla.ask.order(scene, output_quality="medium")
    assert (status, refused["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    del carla.ask.headers["Idempotency-Key"]
    _, other = await carla.ask.order(scene)
    assert other["export_id"] != first["export_id"]


async def test_a_list(carla: Cast) -> None:
    """Of one's own, newest first, by how they stand, page by page."""
    scene = await carla.ask.scene(carla.video)
    orders = [{"scene_id": scene, "output_quality": quality} for quality in ("high", "medium")]
    _, begun = await carla.ask.ask("POST", "/v1/scenes/export-shorts", json={"exports": orders})
    first, second = (each["export_id"] for each in begun["exports"])
    await carla.ask.cancel(second)
    _, failed = await carla.ask.ask("GET", f"{EXPORTS}?status=failed")
    assert [each["export_id"] for each in failed["exports"]] == [second]
    listed, query = [], "?limit=1"
    while True:
        _, page = await carla.ask.ask("GET", f"{EXPORTS}{query}")
        listed += [each["export_id"] for each in page["exports"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=1&cursor={page['next_cursor']}"
    assert sorted(listed) == sorted([first, second])
    assert (await carla.ask.ask("GET", f"{EXPORTS}?status=queued"))[0] == 400
