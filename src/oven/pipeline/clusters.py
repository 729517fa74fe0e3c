"""As much of a stored Matroska or WebM file as a frame of it needs."""

from typing import NamedTuple

import anyio

from oven.media.containers import EBML
from oven.media.matroska import (
    CLUSTER,
    CUES,
    HEADER_BYTES,
    INFO,
    SEEK_HEAD,
    SEGMENT,
    TRACKS,
    VOID_HEADER_BYTES,
    Element,
    Place,
    cues_of,
    element_at,
    place_of,
    span_around,
    void,
)
from oven.media.spans import Span
from oven.pipeline.parts import Parts

# What stands before the first cluster, and what is in it: covers and fonts may be, too.
MAX_ELEMENTS, MAX_BEGINNING_BYTES, MAX_BODY_BYTES = 64, 16 << 20, 1 << 20
# Of a day, with a key frame a second.
MAX_CUES_BYTES = 2 << 20
TOLD = {SEEK_HEAD, INFO, TRACKS}


class Wanted(NamedTuple):
    """What is looked for: as `span_around` takes it, of a stream as ffprobe counts, in `max_bytes`."""

    stream: int
    start_s: float
    middle_s: float
    until_s: float
    key_bytes: int
    max_bytes: int


async def bring_clusters(parts: Parts, wanted: Wanted) -> bool:
    """Bring the beginning of a file, and the clusters around a frame, to a file that ends with them.

    Between the two stands an element that means nothing, and is mostly a hole.

    Returns:
        whether that could be done: not without cues.

    Raises:
        OvenError: NOT_FOUND, DOWNLOAD_…, STORAGE_DENIED, DISK_FULL.

    """
    place = await _place(parts)
    if place is None or place.cluster > MAX_BEGINNING_BYTES or place.cues >= parts.size_bytes:
        return False
    found = await _at(parts, place.cues)
    if found is None or found.name != CUES or found.end is None or found.end - found.body > MAX_CUES_BYTES:
        return False
    told = await parts.bytes_of(Span(found.body, found.end))
    cues = await anyio.to_thread.run_sync(cues_of, told, place, wanted.stream)
    span = span_around(
        [cue for cue in cues if place.cluster <= cue.position < parts.size_bytes],
        start_s=wanted.start_s,
        middle_s=wanted.middle_s,
        until_s=wanted.until_s,
        key_bytes=wanted.key_bytes,
        end=place.cues if place.cues > place.cluster else parts.size_bytes,
    )
    if span is None or span.length > wanted.max_bytes:
        return False
    between = span.start - place.cluster
    if 0 < between < VOID_HEADER_BYTES:
        return False
    span = Span(span.start, min(span.end, parts.size_bytes))
    await parts.bring([Span(0, place.cluster), span])
    await parts.cut({place.cluster: void(between)} if between else {}, size_bytes=span.end)
    return True


async def _place(parts: Parts) -> Place | None:
    """Read what stands before the first cluster."""
    first = await _at(parts, 0)
    if first is None or first.name != EBML or first.end is None:
        return None
    segment = await _at(parts, first.end)
    if segment is None or segment.name != SEGMENT:
        return None
    bodies: dict[bytes, bytes] = {}
    cues: int | None = None
    position = segment.body
    for _ in range(MAX_ELEMENTS):
        element = await _at(parts, position) if position < parts.size_bytes else None
        if element is not None and element.name == CLUSTER:
            return place_of(bodies, body=segment.body, cluster=position, cues=cues)
        if element is None or element.end is None:
            return None
        if element.name in TOLD and element.end - element.body <= MAX_BODY_BYTES:
            bodies[element.name] = await parts.bytes_of(Span(element.body, element.end))
        elif element.name == CUES:
            cues = position
        position = element.end
    return None


async def _at(parts: Parts, position: int) -> Element | None:
    return element_at((await parts.header(position))[:HEADER_BYTES], position)
