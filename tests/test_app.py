"""Composition: what is put together from settings."""

from pathlib import Path

import pytest

from oven import app
from oven.settings import read_settings


def test_limits_follow_the_settings() -> None:
    """Each of them."""
    given = {
        "OVEN_MAX_ZIP_BYTES": "1",
        "OVEN_MAX_UNPACKED_BYTES": "2",
        "OVEN_MAX_FRAMES": "3",
        "OVEN_MAX_TAPE_S": "4",
        "OVEN_MAX_FRAME_PIXELS": "5",
        "OVEN_BAKE_TIMEOUT_S": "6",
        "OVEN_ENCODE_STALL_S": "7",
        "OVEN_ENCODER_THREADS": "8",
        "OVEN_BAKE_SCALE": "9",
        "OVEN_BLOB_LIMIT_BYTES": "10",
        "MAX_VIDEO_UPLOAD_SIZE": "11",
        "OVEN_IMPORT_TIMEOUT_S": "12",
        "OVEN_IMAGE_TIMEOUT_S": "13",
        "OVEN_MAX_IMAGE_PIXELS": "14",
        "VIDEO_PROCESSING_TIMEOUT": "15000",
        "OVEN_SHORT_TIMEOUT_S": "16",
        "OVEN_SHORT_KEEP_HOURS": "17",
    }
    limits = app.limits_of(read_settings(given))
    found = [getattr(limits, name) for name in limits.__dataclass_fields__]
    assert found == [*range(1, 17), 17 * 3_600]


@pytest.mark.parametrize("name", ["out.mp4", "a b ü.mp4"])
def test_local_targets(name: str, tmp_path: Path) -> None:
    """A file's name is its key, its folder the bucket's."""
    target, folder = app.local_target("video", tmp_path / name)
    assert (target.bucket, target.key, folder) == ("video", name, tmp_path)
