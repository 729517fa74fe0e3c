"""Whether a film is what an edit was to make; nothing is published before.

What was measured is {"sizeBytes", "streams": [{ffprobe's members, "packets", "bytes", "startS", "endS"}, …]}.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oven.domain.errors import BadInputError, Code, FaultError
from oven.media.edit import CopiedSound, CopiedVideo, Edit, EncodedSound, EncodedVideo, TargetSize
from oven.media.operations import SoundCodec, VideoCodec
from oven.media.pace import number
from oven.media.streams import pictures, sounds

# Containers round to a millisecond, on either side.
TICK_S = 0.002
# Of sound the last packet may be longer than what is in it, and what comes before the first is not always
# marked: 1,152 samples of MP3 at 24 kHz, 1,024 of AAC.  Where it was not cut, so may the source's have been,
# by 1,024 of AAC at 8 kHz.
SOUND_PACKET_S, SOURCE_PACKET_S = 0.08, 0.128
# Sound and picture may part by this much before people notice; what is copied keeps its packets whole.
MAX_OFFSET_S = 0.040
MAX_COPIED_OFFSET_S = 0.100
# Copied sound may begin earlier by the samples that only its decoder needs, which some containers count.
PRIMING_SAMPLES, USUAL_RATE_HZ = 2_112, 48_000.0
# What a source says of its length may be rounded, or count what comes before its first picture.
SAID_TOLERANCE_S = 0.1
# A copy ends with the packets that were on their way: so many frames may be put in another order.
REORDERED = 8
# A size is reached when it is missed by no more.
TARGET_TOLERANCE = 0.03
# What ffprobe calls codecs.
PROBED = {
    VideoCodec.H264: "h264",
    VideoCodec.H265: "hevc",
    VideoCodec.VP9: "vp9",
    VideoCodec.AV1: "av1",
    SoundCodec.AAC: "aac",
    SoundCodec.MP3: "mp3",
    SoundCodec.OPUS: "opus",
    SoundCodec.FLAC: "flac",
}
SQUARE = {"1:1", "0:1", "N/A", None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What was found of a film: its streams, sizes in bytes, instants in seconds."""

    size_bytes: int
    video: Mapping[str, Any]
    sound: Mapping[str, Any] | None

    @property
    def video_bytes(self) -> int:
        return int(self.video["bytes"])

    @property
    def other_bytes(self) -> int:
        """Give what is not pictures: sound, and the container."""
        return self.size_bytes - self.video_bytes

    @property
    def duration_s(self) -> float:
        """From the first thing that is seen or heard to the end of the last."""
        streams = [stream for stream in (self.video, self.sound) if stream is not None]
        return float(max(each["endS"] for each in streams) - min(each["startS"] for each in streams))

    @property
    def offset_s(self) -> float | None:
        """Give how much later the sound begins than the pictures."""
        return None if self.sound is None else float(self.sound["startS"] - self.video["startS"])


def film_of(edit: Edit, measured: Mapping[str, Any]) -> Film:
    """Read what was measured of a film.

    Raises:
        BadInputError: MEDIA_INVALID, the source has no pictures where it was cut, though it says so.
        FaultError: OUTPUT_INVALID, it has other streams than it was to have, or some without a time.

    """
    videos, tracks = pictures(measured["streams"]), sounds(measured["streams"])
    wanted = 0 if edit.sound is None else 1
    if edit.cut and isinstance(edit.video, EncodedVideo) and not videos:
        raise BadInputError(
            Code.MEDIA_INVALID,
            f"there are no pictures after {edit.cut.start_s:.3f} s, where the film was to begin",
            hint="The source says that it is longer than it is. Trim it, or make it again.",
        )
    if (len(videos), len(tracks)) != (1, wanted):
        raise _invalid(
            [f"it has {len(videos)} streams of pictures and {len(tracks)} of sound, not 1 and {wanted}"]
        )
    if any(stream["startS"] is None or stream["endS"] is None for stream in (*videos, *tracks)):
        raise _invalid(["a stream of it is empty"])
    return Film(size_bytes=int(measured["sizeBytes"]), video=videos[0], sound=tracks[0] if tracks else None)


def check_film(edit: Edit, film: Film, decoded: Mapping[str, Any], *, offset_s: float) -> None:
    """Compare a film with what was meant.

    Args:
        edit: what was meant.
        film: what was found.
        decoded: what a `Decode` gave.
        offset_s: how much later the sound begins than the pictures, in the source.

    Raises:
        BadInputError: MEDIA_INVALID, the film is shorter than the source says that it is.
        FaultError: OUTPUT_INVALID, naming all that differs.

    """
    if not decoded["frames"] and not isinstance(edit.video, EncodedVideo):
        raise BadInputError(
            Code.MEDIA_INVALID, "none of the key frames can be decoded", hint="Encode it, or make it again."
        )
    wrong = [*_codecs(edit, film), *_pictures(edit, film, decoded), *_sync(edit, film, offset_s)]
    tolerance_s = tolerance_of(edit)
    lasts_s = _lasts_s(edit, film)
    missing_s = edit.duration_s - lasts_s
    if missing_s > max(tolerance_s, SAID_TOLERANCE_S) and not wrong:
        raise BadInputError(
            Code.MEDIA_INVALID,
            f"the film ends after {lasts_s:.3f} s, but {edit.duration_s:.3f} s were to come",
            hint="The source says that it is longer than it is. Trim it, or make it again.",
        )
    if isinstance(edit.video, CopiedVideo):
        # Packets are in the order in which they are decoded: where frames are few, the last come from far.
        tolerance_s = max(tolerance_s, REORDERED * film.duration_s / film.video["packets"])
    if -missing_s > tolerance_s:
        wrong.append(f"it lasts {lasts_s:.3f} s, not {edit.duration_s:.3f} s")
    if wrong:
        raise _invalid(wrong)


def tolerance_of(edit: Edit) -> float:
    """Give how much longer or shorter than meant a film may be, in seconds: a frame, or a packet of sound."""
    frame_s = edit.duration_s / edit.frames
    sound_s = SOUND_PACKET_S if edit.cut else SOURCE_PACKET_S
    if isinstance(edit.video, CopiedVideo):
        return max(REORDERED * frame_s, sound_s) + TICK_S
    return max(frame_s, sound_s if edit.sound else 0.0) + TICK_S


def misses_target(size_bytes: int, rate: TargetSize) -> bool:
    """Tell whether a file is too large or too small for what was asked for."""
    return abs(size_bytes - rate.target_bytes) > TARGET_TOLERANCE * rate.target_bytes


def source_offset_s(edit: Edit, probe: Mapping[str, Any]) -> float:
    """Give how much later the sound is to begin than the pictures, in seconds.

    Encoded sound begins with the pictures, and encoded pictures with the film; of what is copied, all that
    was there before a cut begins with it.
    """
    if not isinstance(edit.sound, CopiedSound):
        return 0.0
    begin_s, cut_s = _start(probe["format"]), edit.cut.start_s if edit.cut else 0.0
    starts = {int(stream["index"]): max(cut_s, _start(stream) - begin_s) for stream in probe["streams"]}
    pictures_s = starts[edit.video_index] if isinstance(edit.video, CopiedVideo) else cut_s
    return starts[edit.sound.index] - pictures_s


def _lasts_s(edit: Edit, film: Film) -> float:
    """Give how long a film is; sound that silence makes as long as was meant tells nothing of that."""
    if isinstance(edit.sound, EncodedSound) and edit.sound.lasts_s is not None:
        return float(film.video["endS"] - film.video["startS"])
    return film.duration_s


def _start(about: Mapping[str, Any]) -> float:
    try:
        return float(about.get("start_time", 0.0))
    except ValueError:
        return 0.0


def _codecs(edit: Edit, film: Film) -> list[str]:
    wrong = []
    wanted = _name(edit.video)
    if film.video["codec_name"] != wanted:
        wrong.append(f"its pictures are {film.video['codec_name']}, not {wanted}")
    if film.sound is not None and film.sound["codec_name"] != (wanted := _name(edit.sound)):
        wrong.append(f"its sound is {film.sound['codec_name']}, not {wanted}")
    return wrong


def _name(made: CopiedVideo | EncodedVideo | CopiedSound | EncodedSound | None) -> str:
    match made:
        case CopiedVideo() | CopiedSound():
            return made.codec
        case EncodedVideo() | EncodedSound():
            return PROBED[made.codec]
        case None:
            return "none"


def _pictures(edit: Edit, film: Film, decoded: Mapping[str, Any]) -> Sequence[str]:
    if not isinstance(edit.video, EncodedVideo):
        return []
    wrong = []
    found = film.video.get("width"), film.video.get("height")
    if found != tuple(edit.video.size):
        wrong.append(f"it is {found[0]}×{found[1]}, not {edit.video.size}")
    if film.video.get("sample_aspect_ratio") not in SQUARE:
        wrong.append("its pixels are not square")
    # Matroska begins all of it later, by what the decoder of its sound needs before.
    lasts_s = film.video["endS"] - film.video["startS"]
    if edit.cut and lasts_s > edit.duration_s + edit.duration_s / edit.frames + TICK_S:
        wrong.append(f"its pictures last {lasts_s:.3f} s, not {edit.duration_s:.3f} s")
    if decoded["frames"] != film.video["packets"]:
        wrong.append(f"{decoded['frames']} of its {film.video['packets']} frames can be decoded")
    return wrong


def _sync(edit: Edit, film: Film, offset_s: float) -> Sequence[str]:
    if film.offset_s is None:
        return []
    parted_s = film.offset_s - offset_s
    most_s = MAX_OFFSET_S
    if isinstance(edit.sound, CopiedSound):
        most_s = MAX_COPIED_OFFSET_S + (PRIMING_SAMPLES / _rate_hz(film) if parted_s < 0 else 0.0)
    if abs(parted_s) <= most_s:
        return []
    return [f"its sound and pictures have moved apart by {parted_s * 1000:.0f} ms"]


def _rate_hz(film: Film) -> float:
    return number((film.sound or {}).get("sample_rate")) or USUAL_RATE_HZ


def _invalid(wrong: Sequence[str]) -> FaultError:
    return FaultError(Code.OUTPUT_INVALID, f"the film is not what was meant: {'; '.join(wrong)}")
