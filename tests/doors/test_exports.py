"""The export door, asked over HTTP."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN
from tests.doors.test_webhooks import check_posted, posts_of
from tests.exports import EXPORTS, Exporter, Shelf, exporting, operation
from tests.site import Site, running_site

NOBODYS = "550e8400-e29b-41d4-a716-446655440000"
SMALL = operation("transcode", resolution="32x24", preset="ultrafast")
STILL = operation("thumbnail", timestamps=["50%"], size="32x24")


def told_at(site: Site) -> dict[str, str]:
    return {
        "callbackUrl": f"{site.base}/done",
        "callbackSecret": "s",
        "progressUrl": f"{site.base}/progress",
    }


async def test_an_export(alice: Exporter, shelf: Shelf) -> None:
    """Is accepted at once, then made, and told where it was asked to be; queries of URLs show nowhere."""
    mark = operation("watermark", image=f"{shelf.host.base}/picture.png?signature=hidden", scale=0.5)
    async with running_site() as site:
        status, accepted = await alice.order(shelf.film, SMALL, mark, STILL, **told_at(site))
        assert (status, accepted) == (202, {"id": accepted["id"], "status": "queued"})
        done = await alice.ended(accepted["id"])
        (end,) = await posts_of(site, "/done", last=b"complete")
        progress = await posts_of(site, "/progress", last=b'"done"')
    assert (done["status"], done["error"], done["videoId"], done["userId"]) == (
        *("completed", None, shelf.film, "alice"),
    )
    film = done["result"]["video"]
    assert (film["width"], film["height"], film["videoCodec"], film["format"]) == (32, 24, "h264", "mp4")
    assert len(done["result"]["thumbnails"]) == 1
    _, said = await alice.ask("GET", "/openapi.json")
    told = check_posted(said, "exportEnded", end)
    assert (told["videoId"], told["status"], told["jobId"]) == (shelf.film, "complete", done["id"])
    assert told["video"] == film
    for each in progress:
        assert check_posted(said, "exportProgress", each)["videoId"] == shelf.film
    assert "hidden" not in f"{done}{told}"


async def test_what_is_secret(alice: Exporter, shelf: Shelf, data: Path) -> None:
    """Queries of URLs, and what signs the callback, are not written down as they are."""
    mark = operation("watermark", image=f"{shelf.host.base}/none.png?CANARY")
    async with running_site() as site:
        told_to = dict.fromkeys(("callbackUrl", "progressUrl"), f"{site.base}/?CANARY")
        _, accepted = await alice.order(shelf.film, SMALL, mark, **told_to, callbackSecret="CANARY")
        await alice.ask("DELETE", f"{EXPORTS}/{accepted['id']}")
        await site.wait_for(1)
    _, told = await alice.ask("GET", f"/v1/jobs/{accepted['id']}")
    assert "CANARY" not in str(told)
    files = [file.read_bytes() for file in data.glob("oven.db*")]
    assert any(accepted["id"].encode() in file for file in files)
    assert not any(b"CANARY" in file for file in files)


async def test_the_admin(daemon: Daemon, shelf: Shelf) -> None:
    """Exports anybody's; what comes of it is theirs."""
    async with exporting(daemon, **ADMIN) as admin:
        _, accepted = await admin.order(shelf.film, STILL)
        _, ended = await admin.ask("DELETE", f"{EXPORTS}/{accepted['id']}")
    assert (ended["userId"], ended["videoId"]) == ("alice", shelf.film)


async def test_the_same_again(alice: Exporter, shelf: Shelf) -> None:
    """With a key gives the same job, also when that has ended; without one it is another."""
    alice.headers["Idempotency-Key"] = "exports 1"
    _, first = await alice.order(shelf.film, STILL)
    await alice.ask("DELETE", f"{EXPORTS}/{first['id']}")
    assert await alice.order(shelf.film, STILL) == (202, {"id": first["id"], "status": "cancelled"})
    status, refused = await alice.order(shelf.film, SMALL)
    assert (status, refused["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    del alice.headers["Idempotency-Key"]
    _, other = await alice.order(shelf.film, STILL)
    assert other["id"] != first["id"]
    await alice.ask("DELETE", f"{EXPORTS}/{other['id']}")


async def test_a_dry_run(alice: Exporter, shelf: Shelf) -> None:
    """Tells what would be done, and starts nothing."""
    _, before = await alice.ask("GET", EXPORTS)
    status, said = await alice.order(shelf.film, SMALL, STILL, query="?dryRun=true")
    assert (status, said["dryRun"]) == (200, True)
    (run,) = said["passes"]
    assert (run["operations"], run["mode"]) == (["transcode", "thumbnail"], "encode")
    assert shlex.split(run["command"])[0] == "ffmpeg"
    assert (said["output"]["width"], said["output"]["height"]) == (32, 24)
    assert said["output"]["duration"] == pytest.approx(1, abs=0.1)
    assert [each["time"] for each in said["thumbnails"]] == [pytest.approx(0.5, abs=0.05)]
    assert said["predicted"]["sizeBytes"] > 0
    _, after = await alice.ask("GET", EXPORTS)
    assert [each["id"] for each in after["exports"]] == [each["id"] for each in before["exports"]]


@pytest.mark.parametrize(
    "query", ["?dryRun=1", "?dryRun=", "?dryRun=yes", "?dryRun=true&dryRun=true", "?dry=true"]
)
async def test_what_might_be_meant_for_a_dry_run(alice: Exporter, shelf: Shelf, query: str) -> None:
    """Starts nothing."""
    status, refused = await alice.order(shelf.film, SMALL, query=query)
    assert (status, refused["code"]) == (400, "FIELD_INVALID")


async def test_videos_that_cannot_be(alice: Exporter, shelf: Shelf) -> None:
    """Another's is not there; what is there has to be a video, and READY."""
    for video_id, wanted in (
        (shelf.bobs, (404, "NOT_FOUND")),
        (NOBODYS, (404, "NOT_FOUND")),
        ("x" * 40, (404, "NOT_FOUND")),
        ("../x", (404, "NOT_FOUND")),
        (shelf.picture, (400, "MEDIA_TYPE_MISMATCH")),
        (shelf.broken, (409, "ASSET_CONFLICT")),
    ):
        status, refused = await alice.order(video_id, SMALL)
        assert (status, refused["code"]) == wanted, video_id
    status, refused = await alice.order(shelf.broken, SMALL)
    assert refused["error"] == "the video is FAILED; it must be READY"
    status, begun = await alice.ask(
        "POST", "/api/v1/media", json={"name": "f.mp4", "type": "video", "size": 9}
    )
    status, refused = await alice.order(begun["id"].upper(), SMALL)
    assert (status, refused["error"]) == (409, "the video is PENDING_UPLOAD; it must be READY")
    await alice.ask("DELETE", f"/api/v1/media/{begun['id']}")
    assert (await alice.order(begun["id"], SMALL))[0] == 404


async def test_options_that_cannot_be(alice: Exporter, shelf: Shelf) -> None:
    """Are refused at their place: by themselves, or by what is planned."""
    status, refused = await alice.order(
        shelf.film, STILL, operation("compress", crf=70), operation("trim", begin=1)
    )
    assert (status, refused["code"]) == (400, "OPERATION_INVALID")
    assert [each["pointer"] for each in refused["errors"]] == [
        "/operations/1/options/crf",
        "/operations/2/options/begin",
    ]
    status, refused = await alice.order(shelf.film, STILL, operation("compress", crf=60))
    assert (status, refused["code"]) == (400, "OPERATION_INVALID")
    (error,) = refused["errors"]
    assert error["pointer"] == "/operations/1/options/crf"
    assert error["message"] == refused["error"]
    assert error["message"].startswith("operation 1 (compress): crf must be 0 to 51")


async def test_watermarks_that_cannot_be(alice: Exporter, shelf: Shelf) -> None:
    """Pictures have to be the owner's, and READY; URLs such as may be fetched."""

    async def asked(image: Any) -> tuple[int, str, str]:
        status, said = await alice.order(
            shelf.film, SMALL, operation("watermark", image=image), query="?dryRun=true"
        )
        return status, said.get("code", ""), said["errors"][0]["pointer"] if "errors" in said else ""

    where = "/operations/1/options/image"
    assert await asked(shelf.picture) == (200, "", "")
    assert await asked(f"{shelf.host.base}/picture.png") == (200, "", "")
    for image in (shelf.bobs, NOBODYS, shelf.film, shelf.broken, "x", "", None, 7):
        assert await asked(image) == (400, "OPERATION_INVALID", where), image
    assert await asked("ftp://example.com/x.png") == (400, "URL_INVALID", where)
    assert await asked("https://10.0.0.1/x.png") == (400, "URL_BLOCKED", where)
