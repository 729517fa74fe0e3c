"""Where in a Matroska or WebM file its pictures stand (RFC 9559): by its own index, the cues."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from oven.media.containers import read_vint
from oven.media.spans import Span

SEGMENT, SEEK_HEAD, INFO, TRACKS = (
    b"\x18\x53\x80\x67",
    b"\x11\x4d\x9b\x74",
    b"\x15\x49\xa9\x66",
    b"\x16\x54\xae\x6b",
)
CLUSTER, CUES, VOID = b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b", b"\xec"
SEEK, SEEK_ID, SEEK_POSITION = b"\x4d\xbb", b"\x53\xab", b"\x53\xac"
TIMESTAMP_SCALE, TRACK_ENTRY, TRACK_NUMBER = b"\x2a\xd7\xb1", b"\xae", b"\xd7"
CUE_POINT, CUE_TIME, CUE_POSITIONS, CUE_TRACK, CUE_CLUSTER = b"\xbb", b"\xb3", b"\xb7", b"\xf7", b"\xf1"
# In nanoseconds, where nothing is said.
USUAL_SCALE_NS = 1_000_000
LONGEST_NAME = 4
HEADER_BYTES = 12
VOID_HEADER_BYTES = 9
NS = 1_000_000_000


class Element(NamedTuple):
    """An element: its name, where it begins, where its body does, and where it ends; None where none says."""

    name: bytes
    start: int
    body: int
    end: int | None


class Cue(NamedTuple):
    """A key frame: when it is shown, by the file's own clock, and where its cluster begins."""

    at_s: float
    position: int


class Place(NamedTuple):
    """What of a file is read for its cues and its clusters.

    Args:
        body: where the segment's body begins, from which positions count.
        cues: where the cues stand.
        cluster: where the first cluster begins; all before it tells what the tracks are.
        scale_ns: how long a tick is.
        tracks: the numbers of the tracks, in order.

    """

    body: int
    cues: int
    cluster: int
    scale_ns: int
    tracks: tuple[int, ...]


def element_at(header: bytes, start: int) -> Element | None:
    """Read the header of an element, its first `HEADER_BYTES`, or what there is; None where there is none."""
    length = 9 - header[0].bit_length() if header else 9
    if length > LONGEST_NAME:
        return None
    found = read_vint(header, length)
    if found is None:
        return None
    size, ends = found
    return Element(header[:length], start, start + ends, None if size is None else start + ends + size)


def children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the elements of a body that is all there: names and bodies."""
    position = 0
    while (element := element_at(data[position : position + HEADER_BYTES], position)) is not None:
        if element.end is None:
            return
        yield element.name, data[element.body : element.end]
        position = element.end


def place_of(bodies: Mapping[bytes, bytes], *, body: int, cluster: int, cues: int | None) -> Place | None:
    """Read what stands before the first cluster; None where there are no cues.

    Args:
        bodies: of the elements that do, by their names.
        body: where the segment's body begins.
        cluster: where the first cluster does.
        cues: where the cues do, if they were met.

    """
    for name, seek in children(bodies.get(SEEK_HEAD, b"")):
        told = dict(children(seek))
        if name == SEEK and told.get(SEEK_ID) == CUES:
            cues = body + _whole(told.get(SEEK_POSITION))
    if cues is None:
        return None
    tracks = [
        _whole(dict(children(entry)).get(TRACK_NUMBER))
        for name, entry in children(bodies.get(TRACKS, b""))
        if name == TRACK_ENTRY
    ]
    scale_ns = _whole(dict(children(bodies.get(INFO, b""))).get(TIMESTAMP_SCALE)) or USUAL_SCALE_NS
    return Place(body, cues, cluster, scale_ns, tuple(tracks))


def cues_of(data: bytes, place: Place, stream: int) -> list[Cue]:
    """Read the cues of a stream, as ffprobe counts them, in the order of their times."""
    track = place.tracks[stream] if stream < len(place.tracks) else None
    found = []
    for name, point in children(data):
        if name != CUE_POINT:
            continue
        parts = list(children(point))
        time = next((_whole(value) for part, value in parts if part == CUE_TIME), 0)
        for part, value in parts:
            told = dict(children(value)) if part == CUE_POSITIONS else {}
            if told and _whole(told.get(CUE_TRACK)) == track:
                at_s = time * place.scale_ns / NS
                found.append(Cue(at_s, place.body + _whole(told.get(CUE_CLUSTER))))
    return sorted(found)


def span_around(
    cues: Sequence[Cue], *, start_s: float, middle_s: float, until_s: float, key_bytes: int, end: int
) -> Span | None:
    """Give where the clusters stand that a frame of a scene needs; None where there are no cues before it.

    Args:
        cues: in the order of their times.
        start_s: of the scene.
        middle_s: of the scene.
        until_s: up to where a key frame is looked for.
        key_bytes: what a key frame takes, and what a decoder wants after it.
        end: of the last cluster.

    """
    within = [cue for cue in cues if start_s <= cue.at_s < until_s]
    before = [cue for cue in cues if cue.at_s <= middle_s]
    if not within and not before:
        return None
    first = min(within, key=lambda cue: abs(cue.at_s - middle_s)) if within else before[-1]
    after = min((cue.position for cue in cues if cue.position > first.position), default=end)
    return Span(first.position, min(after, first.position + key_bytes) if within else after)


def void(size: int) -> bytes:
    """Give the header of an element that means nothing, and has so many bytes in all."""
    return VOID + b"\x01" + (size - VOID_HEADER_BYTES).to_bytes(7)


def _whole(data: bytes | None) -> int:
    return int.from_bytes(data or b"")
