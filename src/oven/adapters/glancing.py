"""ffprobe, asked for the packets of a film around an instant."""

import math
from pathlib import Path

from oven.adapters.probing import Ffprobe
from oven.adapters.process import AWAITED_NICENESS
from oven.domain.errors import BadInputError, Code
from oven.media import glance
from oven.media.edit_argv import SEEKING_DEMUXERS
from oven.media.glance import Around, Extent
from oven.pipeline.ports import MediaUnreadableError

# A demuxer may land after the instant that it was told; then it is told earlier ones, and at last it reads
# from the begin.
STEPS_BACK_S = (0.0, 2.0, 20.0, math.inf)


async def packets_around(
    ffprobe: Ffprobe,
    file: Path,
    *,
    demuxer: str,
    stream: int,
    middle_s: float,
    until_s: float,
    extent: Extent,
) -> Around:
    """Read the packets of a stream → what `Encoder.packets_around` gives.

    Raises:
        BadInputError: MEDIA_INVALID.
        TransientError: ENCODER_UNAVAILABLE.

    """

    async def search(begin_s: float) -> Around:
        for back_s in STEPS_BACK_S:
            # What is an excerpt begins where it is to be looked at.
            is_told = extent is not Extent.EXCERPT and back_s < middle_s
            from_s = begin_s + middle_s - back_s if is_told else None
            around = Around(
                middle_s=begin_s + middle_s,
                begin_s=begin_s,
                asked_s=from_s,
                is_exact=demuxer in SEEKING_DEMUXERS and extent is not Extent.EXCERPT,
                extent=extent,
            )
            asked = glance.packets_around(
                file.name, demuxer, stream, from_s=from_s, to_s=begin_s + until_s, extent=extent
            )
            await ffprobe.listen(asked, file.parent, around.take, niceness=AWAITED_NICENESS)
            if around.has_key or from_s is None:
                break
        return around

    try:
        # Hardly any film begins at anything but 0; of one that is not all there nobody tells.
        around = await search(0.0)
        return await search(around.told_s) if around.told_s else around
    except MediaUnreadableError as error:
        text = "the film cannot be searched for a frame to show"
        raise BadInputError(Code.MEDIA_INVALID, text, detail=str(error)) from error
