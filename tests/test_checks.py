"""Whether Oven could work here."""

from pathlib import Path

from oven.checks import look_around
from oven.settings import Settings, read_settings


async def test_a_good_machine_passes(settings: Settings, work: Path) -> None:
    """And nothing is made by looking."""
    assert all(check.is_right for check in await look_around(settings))
    assert list(work.iterdir()) == []


async def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    """With a hint each."""
    (tmp_path / "file").write_bytes(b"")
    given = {
        "OVEN_FFMPEG": "/nowhere/ffmpeg",
        "OVEN_FFPROBE": "/nowhere/ffprobe",
        "TEMP_DIR": f"{tmp_path}/file/x",
    }
    wrong = [check for check in await look_around(read_settings(given)) if not check.is_right]
    assert [check.name for check in wrong] == ["ffmpeg", "ffprobe", "TEMP_DIR"]
    assert all(check.hint for check in wrong)
    given = {"TEMP_DIR": f"{tmp_path}/file"}
    assert [check.name for check in await look_around(read_settings(given)) if not check.is_right] == [
        "TEMP_DIR"
    ]


async def test_an_ffmpeg_without_our_encoders(tmp_path: Path, settings: Settings) -> None:
    """Each missing one by name."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'ffmpeg version 6.1'\n")
    program.chmod(0o755)
    checks = await look_around(settings.model_copy(update={"ffmpeg": str(program)}))
    assert [check.found for check in checks if not check.is_right] == ["missing: libx264, aac"]
    warned = next(check for check in checks if check.name == "export encoders")
    assert warned.is_warning
    assert warned.found.startswith("missing, so exports that want them fail: libx264, libx265, libvpx-vp9, ")


async def test_memory(settings: Settings) -> None:
    """How much there is for all, and who says so."""
    given = settings.model_copy(update={"memory_budget_mb": 1_400})
    found = {check.name: check.found for check in await look_around(given)}
    assert found["memory"] == "1,400 MB, of which 1,250 MB are for work (OVEN_MEMORY_BUDGET_MB)"
    found = {check.name: check.found for check in await look_around(settings)}
    assert found["memory"].endswith(" MB)")
