"""POST /api/v1/replicate/webhook: whose signature is good, for whom it is, and what it brings."""

import base64
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import orjson
import pytest
from standardwebhooks.webhooks import Webhook

from oven.domain.signing import sign_user
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.imports import Host, Importer, clip, importing, running_host

KEY = bytes(range(24))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
PATH = "/api/v1/replicate/webhook"
SETTINGS = {"REPLICATE_WEBHOOK_SECRET": SECRET, "OVEN_ADMIN_TOKEN": "the admin's token"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replicate") / "data"


@pytest.fixture(scope="module")
def oven(folder: Path) -> Iterator[Daemon]:
    with running_daemon(folder, **SETTINGS) as daemon:
        yield daemon


@pytest.fixture
async def replicate(oven: Daemon) -> AsyncIterator["Replicate"]:
    async with importing(oven, **ADMIN) as admin:
        yield Replicate(admin)


def told(name: str, output: Any, **more: Any) -> dict[str, Any]:
    """Give a prediction as it is posted."""
    return {
        "id": name,
        "status": "succeeded",
        "model": "wan-video/wan-2.5-t2v",
        "input": {"prompt": "beautiful sunset"},
        "output": output,
        "urls": {"get": f"https://api.replicate.com/v1/predictions/{name}"},
        **more,
    }


def signed(body: bytes, *, key: bytes = KEY, name: str = "msg_1", age_s: float = 0) -> dict[str, str]:
    """Give the headers of a webhook."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        **OUTSIDE,
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(name, at, body.decode(errors="replace")),
    }


@dataclass
class Replicate:
    """Posts to one daemon; the admin looks what came of it."""

    admin: Importer

    async def send(
        self, data: bytes, headers: Mapping[str, str], **query: str
    ) -> tuple[int, dict[str, Any], Mapping[str, str]]:
        url = f"{self.admin.daemon.base}{PATH}" + (f"?{urlencode(query)}" if query else "")
        async with self.admin.client.post(url, data=BytesIO(data), headers=headers) as answer:
            return answer.status, await answer.json(content_type=None), answer.headers

    async def post(
        self, prediction: object, *, name: str = "msg_1", **query: str
    ) -> tuple[int, dict[str, Any]]:
        """Post an authentic webhook → the answer's status and body."""
        data = orjson.dumps(prediction)
        status, said, _ = await self.send(data, signed(data, name=name), **query)
        return status, said

    async def bring(self, prediction: object, **query: str) -> list[dict[str, Any]]:
        """Post, and wait for what comes of it."""
        status, said = await self.post(prediction, **query)
        assert status == 200, said
        return [await self.admin.settled(each["id"]) for each in said["assets"]]

    async def jobs(self) -> int:
        _, said = await self.admin.ask("GET", "/v1/jobs?limit=200")
        return len(said["jobs"])


async def test_a_video_comes(replicate: Replicate, tmp_path: Path) -> None:
    """From its webhook to an asset that is ready, with what made it, under the user's name."""
    film = clip(tmp_path)
    async with running_host(out_mp4=film) as host:
        url = f"{host.base}/out.mp4"
        (asset,) = await replicate.bring(told("whole", url), user="alice", signature=sign_user(KEY, "alice"))
    assert (asset["status"], asset["error"], asset["size"]) == ("READY", None, len(film))
    assert (asset["name"], asset["type"], asset["user_id"]) == ("whole-0-out.mp4", "video", "alice")
    assert asset["metadata"]["source_url"] == url
    assert asset["metadata"]["width"] == 64
    kept = ("aiGenerated", "model", "prompt", "source", "prediction_id", "output_index")
    assert {name: asset["metadata"][name] for name in kept} == {
        "aiGenerated": True,
        "model": "wan-video/wan-2.5-t2v",
        "prompt": "beautiful sunset",
        "source": "ai_generation",
        "prediction_id": "whole",
        "output_index": 0,
    }


async def test_each_output_is_an_asset(replicate: Replicate, tmp_path: Path) -> None:
    """In their order; one that may not be fetched fails, and says why."""
    async with running_host(a_mp4=clip(tmp_path)) as host:
        output = {"film": f"{host.base}/a.mp4", "inside": "https://127.0.0.2/x.png", "words": "done"}
        film, inside = await replicate.bring(told("several", output))
    assert (film["status"], film["type"], film["user_id"]) == ("READY", "video", None)
    assert (inside["status"], inside["type"], inside["error"]["code"]) == ("FAILED", "image", "URL_BLOCKED")


@pytest.mark.parametrize(
    "body",
    [
        told("nothing", None),
        told("nothing", "a poem"),
        told("nothing", []),
        told("nothing", ["data:image/png;base64,AAAA"]),
        told("nothing", "https://h.example/x.mp4", status="failed", error="out of memory"),
        told("nothing", "https://h.example/x.mp4", status="canceled"),
        told("nothing", ["https://h.example/x.mp4"], status="processing"),
        {"id": "nothing"},
        {"status": "succeeded", "output": "https://h.example/x.mp4"},
        [told("nothing", "https://h.example/x.mp4")],
        None,
    ],
)
async def test_what_brings_nothing(replicate: Replicate, body: object) -> None:
    """Is taken: it would be sent again for ever otherwise."""
    before = await replicate.jobs()
    assert await replicate.post(body) == (200, {"assets": []})
    assert await replicate.jobs() == before


@pytest.mark.parametrize("data", [b"", b"{", b'{"id": "\\ud800"}', b"[" * 100_000])
async def test_what_is_no_json(replicate: Replicate, data: bytes) -> None:
    """Likewise, where it is authentic."""
    status, said, _ = await replicate.send(data, signed(data))
    assert (status, said) == (200, {"assets": []})


async def test_large_bodies(replicate: Replicate) -> None:
    """Of four MiB at most: logs and texts stand in them, too; whether their size is said or not."""
    data = orjson.dumps(told("large", "https://127.0.0.2/x.mp4", logs="x" * 3_000_000))
    (asset,) = (await replicate.send(data, signed(data)))[1]["assets"]
    assert (await replicate.admin.settled(asset["id"]))["error"]["code"] == "URL_BLOCKED"
    data = orjson.dumps(told("larger", "https://127.0.0.2/x.mp4", logs="x" * (4 << 20)))
    status, said, _ = await replicate.send(data, signed(data))
    assert (status, said["code"], "4,194,304 bytes" in said["error"]) == (413, "BODY_TOO_LARGE", True)

    async def parts() -> AsyncIterator[bytes]:
        yield data[:9]
        yield data[9:300_000]

    url = f"{replicate.admin.daemon.base}{PATH}"
    async with replicate.admin.client.post(url, data=parts(), headers=signed(data[:300_000])) as answer:
        assert (answer.status, await answer.json()) == (200, {"assets": []})


BODY = orjson.dumps(told("forged", "https://127.0.0.2/x.mp4"))


def but(**changes: str) -> Callable[[], dict[str, str]]:
    """Give what makes headers that are good, but for some; an empty one is left out."""

    def made() -> dict[str, str]:
        given = signed(BODY) | {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in given.items() if value}

    return made


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: OUTSIDE, "AUTH_REQUIRED"),
        (dict, "AUTH_REQUIRED"),
        (lambda: ADMIN, "AUTH_REQUIRED"),
        (but(webhook_id=""), "AUTH_REQUIRED"),
        (but(webhook_timestamp=""), "AUTH_REQUIRED"),
        (but(webhook_signature=""), "AUTH_REQUIRED"),
        (lambda: signed(BODY, key=b"of somebody else"), "AUTH_INVALID"),
        (lambda: signed(BODY, key=SECRET.encode()), "AUTH_INVALID"),
        (lambda: signed(BODY + b" "), "AUTH_INVALID"),
        (lambda: signed(BODY, age_s=330), "AUTH_INVALID"),
        (lambda: signed(BODY, age_s=-330), "AUTH_INVALID"),
        (but(webhook_id="msg_2"), "AUTH_INVALID"),
        (
            lambda: signed(BODY) | {"webhook-timestamp": signed(BODY, age_s=9)["webhook-timestamp"]},
            "AUTH_INVALID",
        ),
        (but(webhook_timestamp="nan"), "AUTH_INVALID"),
        (but(webhook_timestamp="soon"), "AUTH_INVALID"),
        (but(webhook_signature="v1"), "AUTH_INVALID"),
        (but(webhook_signature="v1,"), "AUTH_INVALID"),
        (but(webhook_signature="v1,a"), "AUTH_INVALID"),
        (but(webhook_signature="v1,é,,"), "AUTH_INVALID"),
        (lambda: {name: value.replace("v1,", "v2,") for name, value in signed(BODY).items()}, "AUTH_INVALID"),
    ],
)
async def test_what_is_not_authentic(
    replicate: Replicate, made: Callable[[], dict[str, str]], code: str
) -> None:
    """Is refused, also of clients on this machine and of the admin; nothing is begun."""
    before = await replicate.jobs()
    status, said, _ = await replicate.send(BODY, made())
    assert (status, said["code"]) == (401, code)
    assert await replicate.jobs() == before


async def test_bytes_that_are_no_text(replicate: Replicate) -> None:
    """Nobody can have signed them; they are refused like any others."""
    status, said, _ = await replicate.send(b"\xff{}", signed(b"\xff{}"))
    assert (status, said["code"]) == (401, "AUTH_INVALID")


async def test_one_of_several_signatures(replicate: Replicate) -> None:
    """While a secret is changed, both sign."""
    headers = signed(BODY)
    headers["webhook-signature"] = f"v1,{base64.b64encode(bytes(32)).decode()} {headers['webhook-signature']}"
    assert (await replicate.send(BODY, headers))[0] == 200


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"user": "alice"}, (401, "AUTH_INVALID")),
        ({"user": "alice", "signature": ""}, (401, "AUTH_INVALID")),
        ({"user": "alice", "signature": sign_user(KEY, "bob")}, (401, "AUTH_INVALID")),
        ({"user": "alice", "signature": sign_user(b"another", "alice")}, (401, "AUTH_INVALID")),
        ({"user": "", "signature": sign_user(KEY, "alice")}, (401, "AUTH_INVALID")),
        ({"signature": sign_user(KEY, "alice")}, (401, "AUTH_INVALID")),
        ({"user": "../a", "signature": sign_user(KEY, "../a")}, (400, "FIELD_INVALID")),
        ({"user": "", "signature": sign_user(KEY, "")}, (400, "FIELD_INVALID")),
    ],
)
async def test_users_who_are_not_signed(
    replicate: Replicate, query: dict[str, str], refusal: tuple[int, str]
) -> None:
    """Nobody's assets come to another, and none to nobody by a slip."""
    status, said = await replicate.post(told("whose", "https://127.0.0.2/x.mp4"), **query)
    assert (status, said["code"]) == refusal


async def test_each_user_has_their_own(replicate: Replicate) -> None:
    """Of the same prediction, too; names of any characters."""
    found = []
    for user in ("auth0|älice b+c&d", "bob"):
        query = {"user": user, "signature": sign_user(KEY, user)}
        (asset,) = await replicate.bring(told("shared", "https://127.0.0.2/x.mp4"), **query)
        found.append((asset["user_id"], asset["id"]))
    assert [user for user, _ in found] == ["auth0|älice b+c&d", "bob"]
    assert len({asset for _, asset in found}) == 2


async def test_repeats(replicate: Replicate, folder: Path, tmp_path: Path) -> None:
    """Start nothing, on the way and afterwards, on the same day and later, whatever is new about them."""
    async with running_host(a_mp4=clip(tmp_path), b_mp4=b"no film") as host:
        host.at_once = 0
        body = told("again", [f"{host.base}/a.mp4?sig=1", f"{host.base}/b.mp4", f"{host.base}/c.mp4"])
        _, first = await replicate.post(body)
        output = [f"{host.base}/{name}.mp4?sig=2" for name in ("a", "b", "c")]
        later = {**body, "output": output, "model": "other"}
        assert await replicate.post(later, name="msg_2") == (200, first)
        jobs = await replicate.jobs()
        host.gate.set()
        film, bad, gone = [await replicate.admin.settled(each["id"]) for each in first["assets"]]
        assert [each["status"] for each in (film, bad, gone)] == ["READY", "FAILED", "FAILED"]
        assert await replicate.post(later, name="msg_3") == (200, first)
        assert (await replicate.admin.ask("DELETE", f"/api/v1/media/{gone['id']}"))[0] == 204
        assert await replicate.post(body, name="msg_4") == (200, {"assets": first["assets"][:2]})
        a_day_passes(folder)
        assert await replicate.post(body, name="msg_5") == (200, {"assets": first["assets"][:2]})
        assert await replicate.jobs() == jobs
        for each in (film, bad):
            assert (await replicate.admin.ask("GET", f"/api/v1/media/{each['id']}"))[1]["status"] == each[
                "status"
            ]


async def test_what_is_new_beside_what_was_deleted(replicate: Replicate, folder: Path) -> None:
    """Comes; what was deleted does not."""
    body = told("more", ["https://127.0.0.2/a.mp4"])
    ((old,), before) = await replicate.bring(body), await replicate.jobs()
    await replicate.admin.ask("DELETE", f"/api/v1/media/{old['id']}")
    a_day_passes(folder)
    more = told("more", ["https://127.0.0.2/a.mp4", "https://127.0.0.2/b.mp4"])
    (new,) = await replicate.bring(more)
    assert (new["metadata"]["output_index"], await replicate.jobs()) == (1, before + 1)


def a_day_passes(folder: Path) -> None:
    """Let the keys of requests be of long ago."""
    with closing(sqlite3.connect(folder / "oven.db")) as connection, connection:
        connection.execute("UPDATE idempotency_keys SET created_at = 0")


async def test_a_full_queue(tmp_path: Path) -> None:
    """All of a prediction or nothing: 503, and what is sent again is taken."""
    settings = SETTINGS | {"OVEN_IMPORTS": "1", "OVEN_QUEUE_LIMIT": "2"}
    with running_daemon(tmp_path / "data", **settings) as oven:
        async with importing(oven, **ADMIN) as admin, running_host(a_mp4=b"no film") as host:
            replicate = Replicate(admin)
            host.at_once = 0
            _, said = await replicate.post(told("runs", f"{host.base}/a.mp4?1"))
            await until_fetched(host)
            assert (await replicate.post(told("waits", f"{host.base}/a.mp4?2")))[0] == 200
            two = orjson.dumps(told("two", [f"{host.base}/a.mp4?3", f"{host.base}/a.mp4?4"]))
            status, refused, headers = await replicate.send(two, signed(two))
            assert (status, refused["code"], "Retry-After" in headers) == (503, "QUEUE_FULL", True)
            assert await replicate.jobs() == 2
            # What is there already needs no place.
            assert await replicate.post(told("runs", f"{host.base}/a.mp4?1")) == (200, said)
            host.gate.set()
            await admin.settled(said["assets"][0]["id"])
            with anyio.fail_after(30):
                while (await replicate.send(two, signed(two)))[0] == 503:
                    await anyio.sleep(0.02)
            assert len(await replicate.bring(orjson.loads(two))) == 2


async def until_fetched(host: Host) -> None:
    with anyio.fail_after(30):
        while not host.asked:
            await anyio.sleep(0.01)


async def test_a_closed_door(closed: Daemon) -> None:
    """Without a secret it is open on this machine alone, where nobody has to sign for a user."""
    async with importing(closed) as local:
        replicate = Replicate(local)
        status, said, _ = await replicate.send(BODY, OUTSIDE)
        assert (status, said["code"]) == (503, "DOOR_CLOSED")
        assert "REPLICATE_WEBHOOK_SECRET" in said["hint"]
        status, said, _ = await replicate.send(BODY, {}, user="alice")
        asset = await local.settled(said["assets"][0]["id"])
        assert (status, asset["user_id"]) == (200, "alice")
        assert (await replicate.send(BODY, {}, user="../a"))[1]["code"] == "FIELD_INVALID"


async def test_repeats_at_once(replicate: Replicate) -> None:
    """Are one, whichever comes first."""
    before, answers = await replicate.jobs(), []

    async def post(number: int) -> None:
        body = told("at once", [f"https://127.0.0.2/{number}.mp4", f"https://127.0.0.2/{number}.png"])
        answers.append(await replicate.post(body, name=f"msg_{number}"))

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(post, number)
    assert answers == [answers[0]] * 8
    assert (answers[0][0], await replicate.jobs()) == (200, before + 2)


async def test_a_prompt_that_was_cut_within_an_emoji(replicate: Replicate) -> None:
    """Costs no output; whole pairs stay as they are."""
    prompt = rb'"\ud83d\ude00 half \ud83d and \ude00"'
    data = orjson.dumps(told("halves", "https://h.invalid/x.mp4", input={"prompt": "?"}))
    data = data.replace(b'"?"', prompt)
    status, said, _ = await replicate.send(data, signed(data))
    assert (status, len(said["assets"])) == (200, 1)
    _, asset = await replicate.admin.ask("GET", f"/api/v1/media/{said['assets'][0]['id']}")
    assert asset["metadata"]["prompt"] == "\U0001f600 half \ufffd and \ufffd"
