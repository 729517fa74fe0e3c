"""An asset."""

from oven.domain.asset import Asset, AssetStatus, AssetType


def test_all_objects_of_an_asset() -> None:
    """The original, its picture, and those of moments; a picture that is not there has no key."""
    asset = Asset(
        id="a",
        owner="alice",
        type=AssetType.VIDEO,
        name="n",
        status=AssetStatus.READY,
        bucket="b",
        key="k/original.mp4",
        thumbnail_key="",
        size_bytes=1,
        checksum="",
        metadata={},
        facts={"thumbnails": [{"time": 1.0, "key": "k/thumbnail-1.jpg"}]},
        folder_id=None,
        tags=(),
        job_id="j",
        error=None,
        created_ms=0,
        updated_ms=0,
    )
    assert asset.keys == ["k/original.mp4", "k/thumbnail-1.jpg"]
