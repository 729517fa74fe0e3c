"""Exports that were asked for, over HTTP."""

import io
import os
import re
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from PIL import Image

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN
from tests.exports import EXPORTS, Exporter, Shelf, exporting, operation
from tests.media_files import probe

SMALL = operation("transcode", resolution="32x24", preset="ultrafast")
STILLS = operation("thumbnail", timestamps=[0, "50%"], size="32x24", format="png")
NONE = "0" * 32
DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


async def user(daemon: Daemon, name: str) -> dict[str, str]:
    """Give what a user proves themselves with."""
    async with exporting(daemon, **ADMIN) as admin:
        _, key = await admin.ask("POST", "/v1/keys", json={"owner": name})
        return ADMIN | {"Authorization": f"Bearer {key['key']}"}


async def test_a_download(alice: Exporter, shelf: Shelf) -> None:
    """Is by links that open what was made, for an hour, under names of their own."""
    done = await alice.made(shelf.film, SMALL, STILLS)
    status, said = await alice.ask("GET", f"{EXPORTS}/{done['id']}/download")
    assert (status, said["filename"]) == (200, "Tägliche Übung.mp4")
    assert said["size"] == done["result"]["video"]["sizeBytes"]
    assert 3_500 < datetime.fromisoformat(said["expiresAt"]).timestamp() - time.time() <= 3_600
    until_s = int(parse_qs(urlsplit(said["url"]).query)["expires"][0])
    assert until_s == pytest.approx(datetime.fromisoformat(said["expiresAt"]).timestamp(), abs=2)
    async with alice.client.get(said["url"]) as answer:
        assert (answer.status, answer.content_type) == (200, "video/mp4")
        assert len(await answer.read()) == said["size"]
        name = "attachment; filename*=UTF-8''T%C3%A4gliche%20%C3%9Cbung.mp4"
        assert answer.headers["Content-Disposition"] == name
    async with alice.client.get(said["url"].partition("?")[0]) as answer:
        assert answer.status == 404
    assert [each["time"] for each in said["thumbnails"]] == [0, pytest.approx(0.5, abs=0.05)]
    for each in said["thumbnails"]:
        async with alice.client.get(each["url"]) as answer:
            picture = Image.open(io.BytesIO(await answer.read()))
            assert (picture.format, picture.size) == ("PNG", (32, 24))
            assert answer.headers["Content-Disposition"].endswith(".png")


async def test_pictures_alone(alice: Exporter, shelf: Shelf) -> None:
    """Are downloaded by the first one's link."""
    done = await alice.made(shelf.film, STILLS)
    _, said = await alice.ask("GET", f"{EXPORTS}/{done['id']}/download")
    assert len(said["thumbnails"]) == 2
    assert said["filename"].startswith("Tägliche Übung-")
    assert said["size"] == said["thumbnails"][0]["size"]
    async with alice.client.get(said["url"]) as answer:
        assert answer.content_type == "image/png"


async def test_waiting_running_and_cancelled(daemon: Daemon, alice: Exporter, shelf: Shelf) -> None:
    """Each as it stands; what is cancelled is told as such, and can be run once more."""
    shelf.host.at_once, shelf.host.gate = 0, anyio.Event()
    mark = operation("watermark", image=f"{shelf.host.base}/picture.png?held")
    _, first = await alice.order(shelf.film, SMALL, mark)
    _, second = await alice.order(shelf.film, SMALL)
    _, same = await alice.order(shelf.film, SMALL)
    assert same == second
    with anyio.fail_after(20):
        while (await alice.ask("GET", f"{EXPORTS}/{first['id']}"))[1]["status"] != "processing":
            await anyio.sleep(0.02)
    with anyio.fail_after(20):
        # Its place is told a moment later.
        while (await alice.ask("GET", f"{EXPORTS}/{second['id']}"))[1]["jobStatus"]["position"] != 1:
            await anyio.sleep(0.02)
    _, waits = await alice.ask("GET", f"{EXPORTS}/{second['id']}")
    assert (waits["status"], waits["jobStatus"]["state"]) == ("queued", "waiting")
    for stands, wanted in (("queued", [second["id"]]), ("processing", [first["id"]])):
        _, page = await alice.ask("GET", f"{EXPORTS}?status={stands}")
        assert [each["id"] for each in page["exports"]] == wanted
    async with exporting(daemon, **ADMIN) as admin:
        _, stats = await admin.ask("GET", f"{EXPORTS}/queue/stats")
    assert (stats["waiting"], stats["active"], stats["delayed"], stats["paused"]) == (1, 1, 0, 0)
    status, refused = await alice.ask("GET", f"{EXPORTS}/{first['id']}/download")
    assert (status, refused["code"]) == (409, "JOB_CONFLICT")
    assert refused["error"].startswith("the export is processing")
    for export in (second, first):
        status, cancelled = await alice.ask("DELETE", f"{EXPORTS}/{export['id']}")
        assert (status, cancelled["status"]) == (200, "cancelled")
        assert (cancelled["jobStatus"]["state"], cancelled["error"]["code"]) == ("failed", "CANCELLED")
    status, refused = await alice.ask("DELETE", f"{EXPORTS}/{first['id']}")
    assert (status, refused["code"]) == (409, "JOB_CONFLICT")
    shelf.host.at_once = None
    shelf.host.gate.set()
    status, again = await alice.ask("POST", f"{EXPORTS}/{first['id']}/retry")
    assert (status, again["id"], again["status"]) == (202, first["id"], "queued")
    await alice.ask("DELETE", f"{EXPORTS}/{first['id']}")


async def test_what_is_not_there(daemon: Daemon, alice: Exporter, shelf: Shelf) -> None:
    """Another's, none, and jobs of other kinds."""
    _, mine = await alice.order(shelf.film, STILLS)
    await alice.ask("DELETE", f"{EXPORTS}/{mine['id']}")
    _, asset = await alice.ask("GET", f"/api/v1/media/{shelf.film}")
    async with exporting(daemon, **await user(daemon, "dan")) as dan:
        for ask, job in ((dan, mine["id"]), (alice, asset["metadata"]["import_job_id"]), (alice, NONE)):
            for method, path in (("GET", ""), ("GET", "/download"), ("DELETE", ""), ("POST", "/retry")):
                status, refused = await ask.ask(method, f"{EXPORTS}/{job}{path}")
                assert (status, refused["error"]) == (404, "there is no such export"), (method, path)
        _, page = await dan.ask("GET", EXPORTS)
        assert page == {"exports": [], "nextCursor": None}
        status, refused = await dan.ask("GET", f"{EXPORTS}/queue/stats")
        assert (status, refused["code"]) == (403, "FORBIDDEN")


async def test_a_list(alice: Exporter, shelf: Shelf) -> None:
    """Newest first, in pages, by status; other filters are refused."""
    made = []
    for _ in range(2):
        _, accepted = await alice.order(shelf.film, STILLS)
        await alice.ask("DELETE", f"{EXPORTS}/{accepted['id']}")
        made.append(accepted["id"])
    query = f"{EXPORTS}?limit=1&status=cancelled&status=failed"
    _, page = await alice.ask("GET", query)
    assert [each["id"] for each in page["exports"]] == made[1:]
    _, page = await alice.ask("GET", f"{query}&cursor={page['nextCursor']}")
    assert [each["id"] for each in page["exports"]] == made[:1]
    for wrong in ("state=done", "status=done", "limit=0", "cursor=x"):
        assert (await alice.ask("GET", f"{EXPORTS}?{wrong}"))[0] == 400


async def test_the_documents_commands(alice: Exporter, shelf: Shelf, tmp_path: Path) -> None:
    """Order, wait, and fetch what was made."""
    section = DOCUMENT.read_text().split("## Exports", 1)[1].split("\n## ", 1)[0]
    (script,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "OVEN_URL": alice.daemon.base,
        "OVEN_TOKEN": alice.headers["Authorization"].removeprefix("Bearer "),
        "VIDEO_ID": shelf.film,
    }
    with anyio.fail_after(40):
        await anyio.run_process(["bash", "-euc", script], env=environment, cwd=tmp_path, stderr=None)
    assert probe(tmp_path / "Tägliche Übung.mp4")["streams"][0]["width"] == 32
