"""How a film of a wanted size is come by: a first encode, and at most one that corrects it."""

from oven.media.edit import TargetSize
from oven.media.encode import LEAST_BITRATE_BPS
from oven.media.operations import VideoCodec

TOLERANCE = 0.03
# Pictures that took less than this share of what they might are too simple to need it, and look as good as
# they can: more bits would find no use.
TOO_SIMPLE = 0.25
# A second pass of x265 was seen to stay 1.5 to 3.5 % below its bitrate, but at very low ones, where it was as
# much above: between them lies this.
X265_SHORTFALL = 0.012
# It takes no smaller ones, and forgets what is over.
X265_STEP_BPS = 1000
# SVT-AV1, asked for more, gives less than that much more.
AV1_GROWTH = 1.3


def is_near(rate: TargetSize, size_bytes: int) -> bool:
    """Tell whether a file is as large as was wanted, within 3 %."""
    return abs(size_bytes - rate.target_bytes) <= TOLERANCE * rate.target_bytes


def corrected(
    rate: TargetSize, *, codec: VideoCodec, duration_s: float, video_bytes: int, other_bytes: int
) -> TargetSize | None:
    """Give the rate of a corrective encode; None where the file is near enough, or none would be nearer.

    Args:
        rate: of the first encode.
        codec: of its pictures.
        duration_s: how long the film is.
        video_bytes: of its pictures.
        other_bytes: all else in the file: sound, and what the container adds.

    """
    wanted_bytes = rate.target_bytes - other_bytes
    if is_near(rate, video_bytes + other_bytes) or video_bytes < TOO_SIMPLE * wanted_bytes:
        return None
    match codec:
        # These have seen the film: what they are told now is what they will make.
        case VideoCodec.H264:
            bps = wanted_bytes * 8 / duration_s
        case VideoCodec.H265:
            exact_bps = wanted_bytes * 8 / duration_s / (1 - X265_SHORTFALL)
            bps = round(exact_bps / X265_STEP_BPS) * X265_STEP_BPS
        # These know nothing of it: they will miss by about as much again.
        case VideoCodec.VP9 | VideoCodec.COPY:
            bps = rate.bits_per_second * wanted_bytes / video_bytes
        case VideoCodec.AV1:
            missed = max(0.0, wanted_bytes / video_bytes)
            bps = rate.bits_per_second * (missed**AV1_GROWTH if missed > 1 else missed)
    bits_per_second = max(LEAST_BITRATE_BPS, round(bps))
    is_least = bits_per_second == rate.bits_per_second == LEAST_BITRATE_BPS
    return None if is_least else rate._replace(bits_per_second=bits_per_second)
