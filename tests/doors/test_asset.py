"""An asset as the API tells it."""

from dataclasses import replace

from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.doors.asset import AssetJson, asset_json

ASSET = Asset(
    id="a1",
    owner="",
    type=AssetType.VIDEO,
    name="n.mp4",
    status=AssetStatus.READY,
    bucket="b",
    key="k",
    thumbnail_key="t",
    size_bytes=1,
    checksum="c",
    metadata={"width": 1, "mine": 2},
    facts={"width": 64, "thumbnails": [{"time": 1.0, "key": "t1"}]},
    folder_id=None,
    tags=("x",),
    job_id="j",
    error=None,
    created_ms=0,
    updated_ms=1,
)


async def link(asset: Asset, key: str, *, filename: str = "") -> str:
    assert asset.id == ASSET.id
    return f"link:{key}:{filename}"


async def test_what_is_ready() -> None:
    """Has addresses; what was found wins; keys of the store are nobody's business."""
    told = await asset_json(ASSET, link)
    assert set(told) == set(AssetJson.__annotations__)
    assert (told["url"], told["thumbnail_url"], told["user_id"]) == ("link:k:n.mp4", "link:t:", None)
    assert told["metadata"] == {
        "width": 64,
        "mine": 2,
        "import_job_id": "j",
        "thumbnails": [{"time": 1.0, "url": "link:t1:"}],
    }


async def test_what_is_on_its_way() -> None:
    """Has none yet, and says so where older clients look."""
    told = await asset_json(replace(ASSET, status=AssetStatus.UPLOADING, facts={}, owner="alice"), link)
    assert (told["url"], told["thumbnail_url"], told["metadata"]["status"]) == ("", None, "processing")
    assert told["user_id"] == "alice"
    waiting = await asset_json(
        replace(ASSET, status=AssetStatus.PENDING_UPLOAD, facts={}, job_id="", metadata={}), link
    )
    assert waiting["metadata"] == {}


async def test_what_failed() -> None:
    """Says why, also in its metadata."""
    error = {"code": "X", "message": "no", "hint": "", "retryable": False, "stage": "fetch"}
    told = await asset_json(replace(ASSET, status=AssetStatus.FAILED, error=error, facts={}), link)
    assert told["error"] == error
    assert (told["url"], told["metadata"]["error"]) == ("", "no")
