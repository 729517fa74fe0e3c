"""Videos, asked over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.doors.test_webhooks import check_posted, posts_of
from tests.exports import Shelf
from tests.imports import Host, Importer, clip, importing, running_host
from tests.site import running_site

PATH = "/v1/videos"
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Host]:
    silent = clip(tmp_path_factory.mktemp("clip"), "-an")
    async with running_host(film_mp4=silent, page_mp4=b"<!doctype html>") as host:
        yield host


@pytest.fixture
async def admin(daemon: Daemon) -> AsyncIterator[Importer]:
    async with importing(daemon, **ADMIN) as ask:
        yield ask


@pytest.fixture
async def vera(daemon: Daemon, admin: Importer) -> AsyncIterator[Importer]:
    """A user with a key of her own, whose videos no other test has seen."""
    _, key = await admin.ask("POST", "/v1/keys", json={"owner": f"vera-{id(admin)}"})
    async with importing(daemon, **OUTSIDE, Authorization=f"Bearer {key['key']}") as ask:
        yield ask


async def test_an_import(vera: Importer, host: Host) -> None:
    """Is on its way at once, then there with what was found of it, and told; it is an asset like others."""
    async with running_site() as site:
        told_at = {"callbackUrl": f"{site.base}/done", "callbackSecret": "s"}
        asked = {"url": f"{host.base}/film.mp4?hidden", "name": "Vera's", **told_at}
        status, video = await vera.ask("POST", PATH, json=asked)
        assert (status, video["status"], video["error"], video["thumbnail_url"]) == (
            *(202, "UPLOADING", None, None),
        )
        assert [video[name] for name in ("duration_s", "width", "height", "has_audio")] == [None] * 4
        asset = await vera.settled(video["id"])
        (end,) = await posts_of(site, "/done", last=b"complete")
    _, said = await vera.ask("GET", "/openapi.json")
    assert check_posted(said, "importEnded", end)["asset_id"] == video["id"]
    status, there = await vera.ask("GET", f"{PATH}/{video['id'].upper()}")
    assert (status, there["id"], there["asset_id"], there["name"]) == (
        200,
        asset["id"],
        asset["id"],
        "Vera's",
    )
    assert (there["status"], there["width"], there["height"], there["has_audio"]) == ("READY", 64, 48, False)
    assert there["duration_s"] == pytest.approx(1, abs=0.05)
    assert (there["created_at"], there["job_id"]) == (
        asset["created_at"],
        asset["metadata"]["import_job_id"],
    )
    async with vera.client.get(there["thumbnail_url"]) as answer:
        assert answer.content_type == "image/jpeg"
    assert "hidden" not in f"{video}{there}"


async def test_an_import_that_fails(vera: Importer, host: Host) -> None:
    """Says why, in plain words."""
    _, video = await vera.ask("POST", PATH, json={"url": f"{host.base}/page.mp4"})
    failed = await vera.settled(video["id"])
    _, there = await vera.ask("GET", f"{PATH}/{video['id']}")
    assert (there["status"], there["error"]) == ("FAILED", failed["error"]["message"])
    assert (there["name"], there["has_audio"], there["duration_s"]) == ("page.mp4", None, None)


async def test_the_same_again(vera: Importer, host: Host) -> None:
    """Is the same video, whichever door it is asked at; with a key for a day, and only for the same."""
    host.at_once = 0
    asked = {"url": f"{host.base}/film.mp4?a", "name": "again"}
    try:
        _, first = await vera.ask("POST", PATH, json=asked)
        _, again = await vera.ask("POST", PATH, json={**asked, "url": f"{host.base}/film.mp4?b"})
        _, asset = await vera.post(asked["url"], name="again")
        assert first["id"] == again["id"] == asset["id"]
        await vera.ask("DELETE", f"/v1/jobs/{first['job_id']}")
    finally:
        host.at_once = None
    vera.headers["Idempotency-Key"] = "v"
    _, first = await vera.ask("POST", PATH, json=asked)
    await vera.settled(first["id"])
    url = f"{vera.daemon.base}{PATH}"
    async with vera.client.post(url, json=asked, headers=vera.headers) as answer:
        assert (answer.status, answer.headers["Idempotency-Replayed"]) == (202, "true")
        assert (await answer.json())["id"] == first["id"]
    status, problem = await vera.ask("POST", PATH, json={**asked, "name": "other"})
    assert (status, problem["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_one_that_is_kept_here(admin: Importer, shelf: Shelf) -> None:
    """Is given as it is, also where it failed; nothing else can be had."""
    status, video = await admin.ask("POST", PATH, json={"asset_id": shelf.film.upper()})
    assert (status, video["id"], video["status"], video["has_audio"]) == (200, shelf.film, "READY", True)
    status, video = await admin.ask("POST", PATH, json={"asset_id": shelf.broken, "url": None})
    assert (status, video["id"], video["status"]) == (200, shelf.broken, "FAILED")
    wanted: list[tuple[dict[str, Any], tuple[int, str]]] = [
        ({"asset_id": shelf.picture}, (400, "MEDIA_TYPE_MISMATCH")),
        ({"asset_id": shelf.film, "user_id": "bob"}, (404, "NOT_FOUND")),
        ({"asset_id": NOBODYS}, (404, "NOT_FOUND")),
        ({"asset_id": "../x"}, (404, "NOT_FOUND")),
    ]
    for asked, expected in wanted:
        status, problem = await admin.ask("POST", PATH, json=asked)
        assert (status, problem["code"]) == expected, asked
    status, problem = await admin.ask("GET", f"{PATH}/{shelf.picture}")
    assert (status, problem["error"]) == (404, "there is no such video")


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({}, ["/asset_id"]),
        ({"asset_id": "", "url": None}, ["/asset_id"]),
        ({"asset_id": NOBODYS, "url": "https://h.invalid/x"}, ["/url"]),
        ({"asset_id": NOBODYS, "name": "n", "callbackUrl": "https://h.invalid/x"}, ["/name", "/callbackUrl"]),
        ({"asset_id": 7}, ["/asset_id"]),
        ({"asset_id": "a\n"}, ["/asset_id"]),
        ({"url": "http://h.invalid/x"}, ["/url"]),
        ({"url": "https://169.254.169.254/x", "name": "", "user_id": "a/b"}, ["/name", "/user_id", "/url"]),
    ],
)
async def test_wrong_fields(admin: Importer, asked: dict[str, Any], pointers: list[str]) -> None:
    """Are told together; nothing is begun."""
    status, problem = await admin.ask("POST", PATH, json=asked)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, pointers)


async def test_a_list(vera: Importer, admin: Importer, host: Host) -> None:
    """Has one's own videos, newest first, page by page; no sounds and no pictures."""
    user = f"vera-{id(admin)}"
    made = []
    for n in range(3):
        asked = {"url": f"{host.base}/page.mp4", "name": f"{n}", "user_id": user}
        _, video = await admin.ask("POST", PATH, json=asked)
        made.append((await vera.settled(video["id"]))["id"])
    await vera.brought(f"{host.base}/page.mp4", type="audio")
    _, first = await vera.ask("GET", f"{PATH}?limit=2")
    assert [each["id"] for each in first["videos"]] == made[:0:-1]
    _, rest = await vera.ask("GET", f"{PATH}?limit=2&cursor={first['next_cursor']}")
    assert ([each["id"] for each in rest["videos"]], rest["next_cursor"]) == (made[:1], None)
    _, none = await vera.ask("GET", f"{PATH}?status=READY&status=UPLOADING")
    assert none == {"videos": [], "next_cursor": None}
    _, theirs = await admin.ask("GET", f"{PATH}?user_id={user}")
    assert [each["id"] for each in theirs["videos"]] == made[::-1]
    for query in ("type=video", "limit=0", "cursor=x", "status=ready"):
        status, problem = await vera.ask("GET", f"{PATH}?{query}")
        assert (status, problem["errors"][0]["pointer"]) == (400, f"/{query.partition('=')[0]}")


async def test_others(vera: Importer, shelf: Shelf) -> None:
    """Videos of theirs are not there, and nothing is imported for them."""
    for method, path, asked, expected in (
        ("GET", f"{PATH}/{shelf.film}", None, (404, "NOT_FOUND")),
        ("POST", PATH, {"asset_id": shelf.film}, (404, "NOT_FOUND")),
        ("POST", PATH, {"asset_id": shelf.film, "user_id": "alice"}, (403, "FORBIDDEN")),
        ("POST", PATH, {"url": f"{shelf.host.base}/film.mp4", "user_id": "alice"}, (403, "FORBIDDEN")),
        ("GET", f"{PATH}?user_id=alice", None, (403, "FORBIDDEN")),
    ):
        status, problem = await vera.ask(method, path, json=asked)
        assert (status, problem["code"]) == expected
    _, mine = await vera.ask("GET", PATH)
    assert mine["videos"] == []
