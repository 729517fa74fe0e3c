"""Whether everything is there."""

from pathlib import Path

import anyio
import pytest

from oven.adapters import health as module
from oven.adapters.health import Health, check_disks
from oven.domain.errors import Code, FaultError, TransientError


async def good() -> None:
    """Find nothing."""


async def bad() -> None:
    raise FaultError(Code.ENCODER_UNAVAILABLE, "no ffmpeg")


async def test_each_check_has_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Side by side; one that hangs holds up nobody for ever."""
    monkeypatch.setattr(module, "TIMEOUT_S", 0.05)
    checks = {"a": good, "b": bad, "c": anyio.sleep_forever}
    found = await Health(checks=checks, now_ms=lambda: 5_000).look()
    assert found == {"a": "ok", "b": "ENCODER_UNAVAILABLE", "c": "NO_ANSWER"}


async def test_it_looks_no_more_often_than_needed() -> None:
    """However often it is asked; also a clock that was put back does not keep an old answer."""
    looks: list[int] = []
    now_ms = [10_000]

    async def check() -> None:
        looks.append(now_ms[0])

    health = Health(checks={"a": check}, now_ms=lambda: now_ms[0])
    for at_ms in (10_000, 11_999, 12_000, 5_000):
        now_ms[0] = at_ms
        await health.look()
    assert looks == [10_000, 12_000, 5_000]


async def test_room_on_disks(tmp_path: Path) -> None:
    """Also of folders that are not there yet."""
    await check_disks([tmp_path / "not" / "yet"], 1)
    with pytest.raises(TransientError) as caught:
        await check_disks([tmp_path], 1 << 60)
    assert caught.value.code is Code.DISK_FULL
