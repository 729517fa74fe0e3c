"""Which frame of a scene is looked at."""

import pytest

from oven.media.glance import (
    LEAD_S,
    MAX_PACKETS,
    REORDERED,
    Around,
    Extent,
    Glance,
    choose,
    packets_around,
    until_s,
)

# Frames of a quarter second: key frames at 0, 4 and 8 s; others are followed by one that is shown before.
LINES = [
    f"packet,{at / 4:.6f},{at / 4 - 0.5:.6f},100,{1_000 + 100 * number},{'K_' if at % 16 == 0 else '__'}"
    for number, at in enumerate(sorted(range(48), key=lambda at: at + 1.5 * (at % 2)))
]


def around(middle_s: float, *, begin_s: float = 0.0, lines: list[str] = LINES) -> Around:
    made = Around(middle_s=begin_s + middle_s, begin_s=begin_s)
    for line in lines:
        made.take(line)
    return made


def chosen(start_s: float, end_s: float) -> Glance:
    glance = choose(around((start_s + end_s) / 2), start_s=start_s, end_s=end_s)
    assert glance is not None
    return glance


@pytest.mark.parametrize(
    ("start_s", "end_s", "at_s", "is_key"),
    [
        # The key frame nearest to the middle, whichever side it stands on.
        (0, 12, 4, True),
        (3, 10, 8, True),
        (3.5, 7.9, 4, True),
        (4, 7, 4, True),
        (3, 4.25, 4, True),
        # Where the scene ends is none of it.
        (3, 4, 3.5, False),
        # None within: the middle itself, by a frame that others are made from.
        (5, 7, 6, False),
        (4.25, 7.75, 6, False),
        (5.0, 7.4, 6.0, False),
        (5.5, 5.6, 5.5, False),
    ],
)
def test_the_frame(start_s: float, end_s: float, at_s: float, *, is_key: bool) -> None:
    """By the key frames in the scene, else by its middle."""
    glance = chosen(start_s, end_s)
    assert (glance.at_s, glance.is_key) == (at_s, is_key)
    assert glance.clock_s == at_s


def test_what_is_read_for_it() -> None:
    """From the key frame before on, and a little more, for a decoder may have to see what follows."""
    glance = chosen(5, 7)
    assert glance.packets[0].at_s == 4
    assert glance.packets[0].position == 1_000 + 100 * 15
    assert len(glance.packets) == 9 + REORDERED
    assert glance.seek_s == 4 + LEAD_S
    assert len(chosen(0, 12).packets) == 1 + REORDERED
    # What came before the last key frame is forgotten.
    assert chosen(7, 20).packets[0].at_s == 8


def test_a_clock_that_does_not_begin_at_zero() -> None:
    """Scenes are told since the begin, frames by the file's own clock."""
    lines = [
        line.replace(f"packet,{at / 4:.6f}", f"packet,{at / 4 + 1.4:.6f}") for at, line in enumerate(LINES)
    ]
    lines = [f"packet,{at / 4 + 1.4:.6f},N/A,9,N/A,{'K_' if at % 16 == 0 else '__'}" for at in range(48)]
    glance = choose(around(5, begin_s=1.4, lines=lines), start_s=3, end_s=7)
    assert glance is not None
    assert (round(glance.at_s, 6), glance.clock_s, round(glance.seek_s, 6)) == (4, 5.4, 4 + LEAD_S)
    assert glance.packets[0].position is None


def test_a_demuxer_that_lands_anywhere() -> None:
    """Is told again what it was told before, for from there it came to the key frame."""
    made = around(5, begin_s=1.4)
    made.is_exact = False
    for asked_s, seek_s in ((4.4, 3.0), (None, 0.0)):
        made.asked_s = asked_s
        glance = choose(made, start_s=3, end_s=7)
        assert glance is not None
        assert glance.seek_s == pytest.approx(seek_s)


def test_a_film_of_key_frames() -> None:
    """A demuxer that is told a moment later would land on the next."""
    lines = [f"packet,{at / 25:.6f},N/A,9,N/A,K_" for at in range(50)]
    glance = choose(around(1, lines=lines), start_s=0, end_s=2)
    assert glance is not None
    assert (glance.at_s, glance.seek_s) == (1, 1)


def test_frames_that_are_not_shown() -> None:
    """Of a film that was cut on a phone: a decoder begins with them, and nobody sees them."""
    lines = [
        f"packet,{at / 4 - 1:.6f},N/A,9,{at},{'K' if at == 0 else '_'}{'D' if at < 4 else '_'}"
        for at in range(20)
    ]
    glance = choose(around(0.05, lines=lines), start_s=0, end_s=0.1)
    assert glance is not None
    assert (glance.at_s, glance.packets[0].position, glance.seek_s) == (0, 0, 0)


def test_a_scene_after_the_last_picture() -> None:
    """Shows the last that others are made from."""
    assert chosen(30, 40).at_s == 11.75


def test_what_is_told_of_the_begin() -> None:
    """After the packets; nothing, where nobody knows."""
    assert around(1, lines=[*LINES, "format,1.400000"]).told_s == 1.4
    assert around(1, lines=[*LINES, "format,N/A"]).told_s is None


def test_nothing_at_all() -> None:
    """Lines that are no packets, packets without times: no frame."""
    made = around(1, lines=["", "format,N/A", "packet,N/A,N/A,9,9,K_", "packet"])
    assert choose(made, start_s=0, end_s=2) is None
    assert not made.has_key


def test_what_a_decoder_can_begin_with() -> None:
    """A key frame up to the middle; another demuxer may land later."""
    assert around(4).has_key
    assert not around(3.9, lines=LINES[16:]).has_key
    assert not around(3.9, lines=LINES[3:16]).has_key


def test_packets_are_bounded() -> None:
    """A film of one key frame is not held for ever."""
    lines = [f"packet,{at / 25:.6f},N/A,9,N/A,{'__' if at else 'K_'}" for at in range(MAX_PACKETS + 5)]
    assert len(around(9_999, lines=lines).packets) == MAX_PACKETS


def test_what_is_asked() -> None:
    """Of a film that is not all there no look at packets; up to a little after what is searched."""
    words = packets_around("source", "mov", 0, from_s=3.0, to_s=until_s(3.0, 100.0), extent=Extent.INDEX)
    assert "-nofind_stream_info" in words
    assert "3.000000%9.000000" in words
    assert "%4.500000" in packets_around(
        "source", "avi", 0, from_s=None, to_s=until_s(3.0, 3.5), extent=Extent.WHOLE
    )
    whole = packets_around("source", "mov", 0, from_s=None, to_s=1, extent=Extent.WHOLE)
    assert "-nofind_stream_info" not in whole
