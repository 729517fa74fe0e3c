"""Composition: what is put together from settings."""

from pathlib import Path

import pytest

from oven import app
from oven.settings import Settings, read_settings


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


async def test_a_good_machine_passes(settings: Settings, work: Path) -> None:
    """And nothing is made by looking."""
    assert all(check.is_right for check in await app.check(settings))
    assert list(work.iterdir()) == []


async def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """With a hint each."""
    (tmp_path / "file").write_bytes(b"")
    given = {
        "OVEN_FFMPEG": "/nowhere/ffmpeg",
        "OVEN_FFPROBE": "/nowhere/ffprobe",
        "TEMP_DIR": f"{tmp_path}/file/x",
    }
    wrong = [check for check in await app.check(read_settings(given)) if not check.is_right]
    assert [check.name for check in wrong] == ["ffmpeg", "ffprobe", "TEMP_DIR"]
    assert all(check.hint for check in wrong)
    given = {"TEMP_DIR": f"{tmp_path}/file"}
    assert [check.name for check in await app.check(read_settings(given)) if not check.is_right] == [
        "TEMP_DIR"
    ]


async def test_an_ffmpeg_without_our_encoders(tmp_path: Path, settings: Settings) -> None:
    """Each missing one by name."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'ffmpeg version 6.1'\n")
    program.chmod(0o755)
    checks = await app.check(settings.model_copy(update={"ffmpeg": str(program)}))
    assert [check.found for check in checks if not check.is_right] == ["missing: libx264, aac"]
    warned = next(check for check in checks if check.name == "export encoders")
    assert warned.is_warning
    assert warned.found.startswith("missing, so exports that want them fail: libx264, libx265, libvpx-vp9, ")


@pytest.mark.parametrize("name", ["out.mp4", "a b ü.mp4"])
def test_local_targets(name: str, tmp_path: Path) -> None:
    """A file's name is its key, its folder the bucket's."""
    target, folder = app.local_target("video", tmp_path / name)
    assert (target.bucket, target.key, folder) == ("video", name, tmp_path)
