"""As much of a film as one frame of it needs, brought to this machine."""

from dataclasses import dataclass
from pathlib import Path

from oven.domain.errors import BadInputError, Code, ConflictError
from oven.media.glance import AFTER_S, Extent, Glance, choose, until_s
from oven.media.source import Source
from oven.media.spans import Span, joined
from oven.pipeline.clusters import Wanted, bring_clusters
from oven.pipeline.parts import Parts
from oven.pipeline.ports import Tools
from oven.recipes.steps import Target

# Whose index tells where each packet stands.
INDEXED_DEMUXER = "mov"
# Whose index tells where clusters of packets stand.
CUED_DEMUXER = "matroska"
# So much is read of a key frame, and of what follows it, and as many seconds of the film's mean.
LEAST_KEY_BYTES, KEY_S = 2 << 20, 1.0
# Ten seconds of 50 Mbit/s.
MAX_FRAME_BYTES = 64 << 20
# What cannot be read in parts comes whole, if that is done in a few seconds.
MAX_WHOLE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenery:
    """A scene in a film: where the film is stored, what is known of it, and the scene's times in seconds."""

    target: Target
    source: Source
    start_s: float
    end_s: float

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2


async def bring_excerpt(scenery: Scenery, file: Path, tools: Tools) -> Glance:
    """Bring to `file` what the frame needs that is looked at → which that is.

    A file of this machine is linked.  Of an MP4 elsewhere come its boxes' headers, its index and the frame's
    packets, each at its place in a file that is as long and otherwise empty; of a Matroska file elsewhere its
    beginning, and the clusters around the frame.

    Raises:
        BadInputError: MEDIA_INVALID, NOT_FOUND.
        ConflictError: PREVIEW_UNAVAILABLE, the film would have to come whole, and is too large for that.
        OvenError: DOWNLOAD_…, STORAGE_DENIED, DISK_FULL, ENCODER_UNAVAILABLE.

    """
    source = scenery.source
    if not await tools.storage.link(scenery.target, file):
        parts = Parts(target=scenery.target, file=file, storage=tools.storage, files=tools.files)
        if source.demuxer == INDEXED_DEMUXER and await parts.bring_index():
            glance = await _look(scenery, file, tools, Extent.INDEX)
            spans = joined(_spans(glance, parts.size_bytes))
            if sum(span.length for span in spans) <= MAX_FRAME_BYTES:
                await parts.bring(spans)
                return glance
        if source.demuxer == CUED_DEMUXER and await bring_clusters(parts, _wanted(scenery)):
            return await _look(scenery, file, tools, Extent.EXCERPT)
        await _bring_whole(scenery, file, tools)
    return await _look(scenery, file, tools, Extent.WHOLE)


def _wanted(scenery: Scenery) -> Wanted:
    source = scenery.source
    second_bytes = source.size_bytes / source.duration_s if source.duration_s else 0.0
    return Wanted(
        stream=source.video_index or 0,
        start_s=scenery.start_s,
        middle_s=scenery.middle_s,
        until_s=min(scenery.end_s, scenery.middle_s + AFTER_S),
        key_bytes=LEAST_KEY_BYTES + round(KEY_S * second_bytes),
        max_bytes=MAX_FRAME_BYTES,
    )


async def _look(scenery: Scenery, file: Path, tools: Tools, extent: Extent) -> Glance:
    around = await tools.encoder.packets_around(
        file,
        demuxer=scenery.source.demuxer,
        stream=scenery.source.video_index or 0,
        middle_s=scenery.middle_s,
        until_s=until_s(scenery.middle_s, scenery.end_s),
        extent=extent,
    )
    glance = choose(around, start_s=scenery.start_s, end_s=scenery.end_s)
    if glance is None:
        raise BadInputError(Code.MEDIA_INVALID, "the film has no pictures where the scene is")
    return glance


async def _bring_whole(scenery: Scenery, file: Path, tools: Tools) -> None:
    try:
        await tools.storage.fetch(scenery.target, file, max_bytes=MAX_WHOLE_BYTES, report=lambda _: None)
    except BadInputError as error:
        if error.code is not Code.DOWNLOAD_TOO_LARGE:
            raise
        raise ConflictError(
            Code.PREVIEW_UNAVAILABLE,
            f"a preview would have to read all of this film, which has more than {MAX_WHOLE_BYTES:,} bytes",
            hint="Export the scene without one, or convert the film to a plain MP4 first.",
        ) from error


def _spans(glance: Glance, size_bytes: int) -> list[Span]:
    """Give where packets stand; nobody reads beyond the end, whatever an index says."""
    ends = ((packet.position, packet.size) for packet in glance.packets if packet.position is not None)
    return [Span(start, min(start + size, size_bytes)) for start, size in ends if start < size_bytes]
