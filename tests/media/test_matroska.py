"""Where a Matroska file's pictures stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.media import matroska as mkv
from oven.media.matroska import (
    Cue,
    Element,
    Place,
    children,
    cues_of,
    element_at,
    place_of,
    span_around,
    void,
)
from oven.media.spans import Span


def element(name: bytes, body: bytes) -> bytes:
    return name + (0x4000 | len(body)).to_bytes(2) + body


def cue(time: int, track: int, cluster: int) -> bytes:
    positions = element(mkv.CUE_TRACK, bytes([track])) + element(mkv.CUE_CLUSTER, cluster.to_bytes(2))
    return element(
        mkv.CUE_POINT, element(mkv.CUE_TIME, time.to_bytes(2)) + element(mkv.CUE_POSITIONS, positions)
    )


PLACE = Place(body=50, cues=9_000, cluster=500, scale_ns=1_000_000, tracks=(2, 1))
CUES = [Cue(0.0, 1_000), Cue(10.0, 5_000), Cue(20.0, 7_000)]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (mkv.CLUSTER + b"\x01\x00\x00\x00\x00\x00\x00\x05", Element(mkv.CLUSTER, 7, 19, 24)),
        (b"\xec\x82..", Element(b"\xec", 7, 9, 11)),
        # A stream's: nobody knows how long it becomes.
        (mkv.SEGMENT + b"\x01" + b"\xff" * 7, Element(mkv.SEGMENT, 7, 19, None)),
        (b"\x00" * 12, None),
        (b"\x08" * 12, None),
        (mkv.CLUSTER, None),
        (b"", None),
    ],
)
def test_an_element(header: bytes, found: Element | None) -> None:
    """By its name, and by its size in one to eight bytes."""
    assert element_at(header, 7) == found


@given(st.binary(max_size=200))
def test_bytes_that_are_none(data: bytes) -> None:
    """End somewhere, and raise nothing."""
    list(children(data))
    cues_of(data, PLACE, 0)
    place_of({mkv.SEEK_HEAD: data, mkv.TRACKS: data, mkv.INFO: data}, body=0, cluster=9, cues=1)


def test_what_stands_before_the_pictures() -> None:
    """Where the cues are, how long a tick is, which numbers tracks have; other elements stand among them."""
    seek = element(mkv.SEEK_ID, mkv.CUES) + element(mkv.SEEK_POSITION, (900).to_bytes(2))
    checksum = element(b"\xbf", b"1234")
    tracks = checksum + b"".join(
        element(mkv.TRACK_ENTRY, element(mkv.TRACK_NUMBER, bytes([n]))) for n in (2, 1)
    )
    bodies = {
        mkv.SEEK_HEAD: checksum + element(mkv.SEEK, seek),
        mkv.INFO: element(mkv.TIMESTAMP_SCALE, (500_000).to_bytes(3)),
        mkv.TRACKS: tracks,
    }
    assert place_of(bodies, body=50, cluster=500, cues=None) == Place(50, 950, 500, 500_000, (2, 1))
    assert place_of({}, body=50, cluster=500, cues=None) is None
    assert place_of({}, body=50, cluster=500, cues=400) == Place(50, 400, 500, 1_000_000, ())


def test_cues_of_a_track() -> None:
    """In the order of their times, and of no other track."""
    data = cue(20_000, 1, 700) + element(b"\xec", b"..") + cue(10_000, 2, 450) + cue(500, 1, 100)
    assert cues_of(data, PLACE, 1) == [Cue(0.5, 150), Cue(20.0, 750)]
    assert cues_of(data, PLACE, 0) == [Cue(10.0, 500)]
    assert cues_of(data, PLACE, 5) == []


@pytest.mark.parametrize(
    ("start_s", "middle_s", "until_s", "span"),
    [
        # The key frame nearest to the middle, and a little more, as far as the next one.
        (0, 8, 13, Span(5_000, 6_500)),
        (0, 3, 6, Span(1_000, 2_500)),
        (0, 21, 26, Span(7_000, 8_500)),
        # None in the scene: all from the one before, up to the next.
        (2, 4, 6, Span(1_000, 5_000)),
        (21, 22, 23, Span(7_000, 9_000)),
    ],
)
def test_what_is_read(start_s: float, middle_s: float, until_s: float, span: Span) -> None:
    """Of the clusters, by the cues."""
    scene = {"start_s": start_s, "middle_s": middle_s, "until_s": until_s}
    assert span_around(CUES, **scene, key_bytes=1_500, end=9_000) == span


def test_no_cues_before_the_scene() -> None:
    """Nothing is known of where it stands."""
    assert span_around(CUES[1:], start_s=1, middle_s=2, until_s=3, key_bytes=9, end=9_000) is None


def test_what_means_nothing() -> None:
    """Is passed over, however large."""
    for size in (9, 100, 5 << 30):
        assert element_at(void(size), 40) == Element(mkv.VOID, 40, 49, 40 + size)
