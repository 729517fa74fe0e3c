"""A video as the API tells it."""

from dataclasses import replace

from oven.domain.asset import AssetStatus
from oven.doors.video import VideoJson, video_json
from tests.doors.test_asset import ASSET, link

FACTS = {"duration": 2.0, "width": 64, "height": 48, "audio_tracks": 2}


async def test_what_is_ready() -> None:
    """Has what was found of it, and an address of its picture."""
    told = await video_json(replace(ASSET, facts=FACTS), link)
    assert set(told) == set(VideoJson.__annotations__)
    assert (told["duration_s"], told["width"], told["height"], told["has_audio"]) == (2.0, 64, 48, True)
    assert (told["id"], told["asset_id"], told["thumbnail_url"]) == ("a1", "a1", "link:t:")


async def test_a_picture_that_nobody_reaches() -> None:
    """Has no address."""

    async def no_link(*_: object, **__: object) -> str:
        return ""

    assert (await video_json(replace(ASSET, facts=FACTS), no_link))["thumbnail_url"] is None


async def test_what_is_not_there() -> None:
    """Of that nothing was found, whatever was said of it before."""
    told = await video_json(replace(ASSET, status=AssetStatus.UPLOADING, facts=FACTS, job_id=""), link)
    found = (told["duration_s"], told["width"], told["height"], told["has_audio"], told["thumbnail_url"])
    assert found == (None,) * 5
    assert told["job_id"] is None


async def test_what_failed() -> None:
    """Says why, in plain words."""
    error = {"code": "MEDIA_INVALID", "message": "the file is broken"}
    told = await video_json(replace(ASSET, status=AssetStatus.FAILED, error=error), link)
    assert told["error"] == "the file is broken"
