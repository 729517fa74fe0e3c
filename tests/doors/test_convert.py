"""POST /convert: its token, its bucket, its user's folder, and its callback's token."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from oven.doors.convert import _folder_of
from oven.doors.problems import FieldsError
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE
from tests.media_files import probe
from tests.site import Site, running_site
from tests.tapes import jittered_starts_ms, tape_entries, wav, write_zip

TOKEN, CALLBACK = "the service's token", "the callback's token, long enough"
SERVICE = {**OUTSIDE, "Authorization": f"Bearer {TOKEN}"}
SETTINGS = {
    "MP4_SERVICE_TOKEN": TOKEN,
    "CALLBACK_AUTH_TOKEN": CALLBACK,
    "OVEN_CALLBACK_HOSTS": "127.0.0.1",
}


@pytest.fixture(scope="module")
def oven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running_daemon(tmp_path_factory.mktemp("convert") / "data", **SETTINGS) as daemon:
        yield daemon


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as made:
        tape = tape_entries(jittered_starts_ms(60, 60), sound=wav(1))
        made.files["/auth0|123/wand.zip"] = write_zip(tmp_path / "t.zip", tape).read_bytes()
        yield made


def asked(site: Site, **changes: object) -> dict[str, object]:
    return {
        "mongoId": "507f1f77bcf86cd799439011",
        "bucket": "user-aesthetic-computer",
        "slug": "wand-1729177200000",
        "zipUrl": f"{site.base}/auth0|123/wand.zip?sig=1",
        "callbackUrl": f"{site.base}/done?x=1",
        "metadata": {"frameCount": 60, "scaledSize": [384, 384]},
        **changes,
    }


async def post(
    client: aiohttp.ClientSession, oven: Daemon, body: object, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    async with client.post(f"{oven.base}/convert", json=body, headers=headers or SERVICE) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_a_conversion(client: aiohttp.ClientSession, oven: Daemon, site: Site, tmp_path: Path) -> None:
    """Of 30 frames a second and the size that was asked for; told with the operator's own token."""
    status, said = await post(client, oven, asked(site))
    assert (status, set(said), said["status"]) == (202, {"status", "jobId"}, "accepted")
    (callback,) = await site.wait_for(1)
    told = json.loads(callback.body)
    assert set(told) == {"mongoId", "mp4Url", "status", "duration", "size", "resolution", "jobId"}
    assert (told["mongoId"], told["status"], told["resolution"]) == (
        "507f1f77bcf86cd799439011",
        "complete",
        [384, 384],
    )
    assert told["mp4Url"].endswith("/user-aesthetic-computer/auth0%7C123/wand-1729177200000.mp4")
    assert callback.headers["Authorization"] == f"Bearer {CALLBACK}"
    Webhook(CALLBACK.encode()).verify(callback.body, callback.headers)
    async with client.get(told["mp4Url"]) as answer:
        (tmp_path / "v.mp4").write_bytes(await answer.read())
    video, sound = probe(tmp_path / "v.mp4")["streams"]
    assert (video["r_frame_rate"], video["width"], sound["codec_type"]) == ("30/1", 384, "audio")


async def test_progress_with_the_token(client: aiohttp.ClientSession, oven: Daemon, site: Site) -> None:
    """Posted where the token may go, with it, and signed by it; the end is told besides the callback."""
    body = asked(site, slug="watched", progressUrl=f"{site.base}/progress?x=2")
    _, said = await post(client, oven, body)
    with anyio.fail_after(30):
        while not any(b'"state":"done"' in posted.body for posted in site.received):
            await site.arrived.wait()
    posts = [posted for posted in site.received if posted.path == "/progress?x=2"]
    for posted in posts:
        assert posted.headers["Authorization"] == f"Bearer {CALLBACK}"
        Webhook(CALLBACK.encode()).verify(posted.body, posted.headers)
    told = json.loads(posts[-1].body)
    assert (told["jobId"], told["mongoId"], told["progress"]) == (said["jobId"], body["mongoId"], 1.0)
    assert "slug" not in told
    with anyio.fail_after(10):
        while not any(posted.path == "/done?x=1" for posted in site.received):
            await site.arrived.wait()


async def test_a_conversion_that_fails(client: aiohttp.ClientSession, oven: Daemon, site: Site) -> None:
    """The callback says why, again with the token; after a 500 the same bytes are sent again."""
    site.answers = [lambda: web.Response(status=500)]
    body = asked(site, slug="missing", zipUrl=f"{site.base}/nobody/none.zip")
    assert (await post(client, oven, body))[0] == 202
    first, second = await site.wait_for(2)
    told = json.loads(first.body)
    assert (told["status"], told["errorCode"], told["mongoId"]) == (
        "error",
        "DOWNLOAD_REJECTED",
        "507f1f77bcf86cd799439011",
    )
    assert "404" in told["error"]
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert second.headers["Authorization"] == f"Bearer {CALLBACK}"


async def test_repeats_are_one(client: aiohttp.ClientSession, oven: Daemon, site: Site) -> None:
    """While it is active the same request is the same job, whatever its signature."""
    site.answers = []
    body = asked(site, slug="twice")
    _, first = await post(client, oven, body)
    _, second = await post(client, oven, body | {"zipUrl": f"{site.base}/auth0|123/wand.zip?sig=2"})
    assert first["jobId"] == second["jobId"]
    await site.wait_for(1)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (OUTSIDE, "AUTH_REQUIRED"),
        ({**OUTSIDE, "Authorization": "Bearer x"}, "AUTH_INVALID"),
        ({**OUTSIDE, "Authorization": TOKEN}, "AUTH_INVALID"),
        ({"Authorization": "Bearer x"}, "AUTH_INVALID"),
    ],
)
async def test_strangers(
    client: aiohttp.ClientSession, oven: Daemon, site: Site, headers: dict[str, str], code: str
) -> None:
    """Refused before their request is read, on loopback, too."""
    status, said = await post(client, oven, {}, headers)
    assert (status, said["code"]) == (401, code)
    assert site.received == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"slug": "../x"}, "FIELD_INVALID /slug"),
        ({"bucket": "../x"}, "FIELD_INVALID /bucket"),
        ({"bucket": "A"}, "FIELD_INVALID /bucket"),
        ({"metadata": 7}, "FIELD_INVALID /metadata"),
        ({"mongoId": ""}, "FIELD_INVALID /mongoId"),
        ({"zipUrl": "https://127.0.0.2/u/x.zip"}, "URL_BLOCKED /zipUrl"),
        ({"callbackUrl": "https://elsewhere.example/done"}, "URL_BLOCKED /callbackUrl"),
        ({"progressUrl": "https://elsewhere.example/p"}, "URL_BLOCKED /progressUrl"),
        ({"progressUrl": ["https://127.0.0.1/p"]}, "FIELD_INVALID /progressUrl"),
    ],
)
async def test_bad_fields(
    client: aiohttp.ClientSession, oven: Daemon, site: Site, change: dict[str, Any], *, refusal: str
) -> None:
    """Each with a pointer; the token goes to no host that is not listed."""
    status, said = await post(client, oven, asked(site, **change))
    assert (status, f"{said['code']} {said['errors'][0]['pointer']}") == (400, refusal)
    assert len(said["errors"]) == 1


async def test_a_closed_door(client: aiohttp.ClientSession, tmp_path: Path) -> None:
    """Without the service's token; and where the callback's would go to anybody."""
    with running_daemon(tmp_path / "one") as oven:
        status, said = await post(client, oven, {}, OUTSIDE)
        assert (status, said["code"]) == (503, "DOOR_CLOSED")
        assert "MP4_SERVICE_TOKEN" in said["hint"]
    settings = SETTINGS | {"OVEN_CALLBACK_HOSTS": "", "OVEN_EGRESS_ALLOW": ""}
    with running_daemon(tmp_path / "two", **settings) as oven:
        status, said = await post(client, oven, {})
        assert (status, said["code"]) == (503, "DOOR_CLOSED")
        assert "OVEN_CALLBACK_HOSTS" in said["hint"]


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("https://h/auth0|123/2025.zip", "auth0|123/"),
        ("https://h/auth0%7C123/a/b.zip?x=/y/z", "auth0|123/"),
        ("https://h/abcd1234.zip", ""),
        ("https://h//abcd1234.zip", ""),
        ("https://h/caf%C3%A9/x.zip", "café/"),
    ],
)
def test_the_users_folder(url: str, folder: str) -> None:
    """The first of two or more segments, decoded."""
    assert _folder_of(url) == folder


@pytest.mark.parametrize("user", ["%2e%2e", "..", "a%2fb", "a%5cb", "a%00b", "%0a", "x" * 256])
def test_users_that_are_none(user: str) -> None:
    """Nobody's folder is above another's."""
    with pytest.raises(FieldsError):
        _folder_of(f"https://h/{user}/x.zip")
