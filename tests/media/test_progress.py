"""What ffmpeg says with -progress."""

from oven.media.progress import ProgressReader

BLOCK = "frame={}\nfps=30\ntotal_size={}\nout_time_us={}\nspeed=1.0x\nprogress={}"


def feed(reader: ProgressReader, *values: object) -> list[bool]:
    return [reader.read(line) for line in BLOCK.format(*values).splitlines()]


def test_blocks_are_read_whole() -> None:
    """Only the end of a block counts."""
    reader = ProgressReader()
    assert feed(reader, 12, 48, 400_000, "continue") == [False] * 5 + [True]
    assert reader.frames == 12


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
