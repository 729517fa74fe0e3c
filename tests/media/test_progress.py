"""What ffmpeg says with -progress."""

import pytest

from oven.media.progress import ProgressReader

BLOCK = "frame={}\nfps=30\ntotal_size={}\nout_time_us={}\nspeed=1.0x\nprogress={}"


def feed(reader: ProgressReader, *values: object) -> list[bool]:
    return [reader.read(line) for line in BLOCK.format(*values).splitlines()]


def test_blocks_are_read_whole() -> None:
    """Only the end of a block counts."""
    reader = ProgressReader()
    assert feed(reader, 12, 48, 400_000, "continue") == [False] * 5 + [True]
    assert (reader.frames, reader.size_bytes) == (12, 48)


def test_a_block_without_news_is_no_movement() -> None:
    """The same numbers again mean that it stands still; more bytes mean that it moves."""
    reader = ProgressReader()
    feed(reader, 12, 48, 400_000, "continue")
    assert not any(feed(reader, 12, 48, 400_000, "continue"))
    assert any(feed(reader, 12, 64, 400_000, "continue"))


def test_what_it_does_not_know_yet() -> None:
    """Ffmpeg writes N/A before the first frame."""
    reader = ProgressReader()
    feed(reader, "N/A", "N/A", "N/A", "continue")
    assert reader.frames == 0


@pytest.mark.parametrize(
    ("said", "speed"),
    [
        ("1.25x", 1.25),
        ("   32x", 32.0),
        ("4.1e+03x", 4100.0),
        ("0x", None),
        ("N/A", None),
        ("-1x", None),
        ("nanx", None),
        ("1e999x", None),
        ("", None),
        ("1.25", None),
    ],
)
def test_speed(said: str, speed: float | None) -> None:
    """Seconds of media in a second, as ffmpeg writes it; what is no number is none."""
    reader = ProgressReader()
    for line in (f"speed={said}", "progress=continue"):
        reader.read(line)
    assert reader.speed == speed


def test_a_block_without_a_speed() -> None:
    """What was true of an earlier one is not told again."""
    reader = ProgressReader()
    for line in ("speed=2x", "progress=continue", "progress=end"):
        reader.read(line)
    assert reader.speed is None
