"""The options of operations: what each may hold, and what is said of it; null is as if it were left out."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import PlainValidator, WithJsonSchema

from oven.doors.operation_values import (
    AUDIO_BPS,
    HEIGHT,
    MAX_CRF,
    MAX_MARGIN_PX,
    MAX_MOMENTS,
    SIZE,
    VIDEO_BPS,
    bitrate,
    moment,
    moments,
    number,
    optional,
    pixels,
    position,
    resolution,
    size,
    target_bytes,
    word,
)
from oven.media.geometry import Size
from oven.media.operations import (
    CutMode,
    Format,
    Moment,
    Position,
    Preset,
    QualityWord,
    Resize,
    SoundCodec,
    StillFormat,
    VideoCodec,
)


def _words(kind: type[StrEnum], *others: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "enum": [*kind, *others, None]}


_MOMENT = {"type": ["number", "string", "null"], "examples": [12.5, "12.5", "90s", "00:01:02.5", "50%"]}
_SIZE = {"type": ["string", "null"], "pattern": f"^{SIZE.pattern}$"}
_BITRATE = {"type": ["string", "number", "null"], "examples": ["1000k", "2.5M", 2_500_000]}
_AUDIO_BITRATE = {**_BITRATE, "examples": ["128k", 96_000]}

CodecOption = Annotated[
    VideoCodec | None,
    PlainValidator(optional(word(VideoCodec))),
    WithJsonSchema(_words(VideoCodec, "hevc", "avc")),
]
SoundOption = Annotated[
    SoundCodec | None, PlainValidator(optional(word(SoundCodec))), WithJsonSchema(_words(SoundCodec))
]
FormatOption = Annotated[
    Format | None, PlainValidator(optional(word(Format))), WithJsonSchema(_words(Format))
]
PresetOption = Annotated[
    Preset | None, PlainValidator(optional(word(Preset))), WithJsonSchema(_words(Preset))
]
ResizeOption = Annotated[
    Resize | None, PlainValidator(optional(word(Resize))), WithJsonSchema(_words(Resize))
]
QualityOption = Annotated[
    QualityWord | None, PlainValidator(optional(word(QualityWord))), WithJsonSchema(_words(QualityWord))
]
ModeOption = Annotated[
    CutMode | None, PlainValidator(optional(word(CutMode))), WithJsonSchema(_words(CutMode))
]
StillFormatOption = Annotated[
    StillFormat | None,
    PlainValidator(optional(word(StillFormat))),
    WithJsonSchema(_words(StillFormat, "jpg")),
]
PositionOption = Annotated[
    Position | None, PlainValidator(optional(position)), WithJsonSchema(_words(Position))
]
CrfOption = Annotated[
    float | None,
    PlainValidator(optional(number(0, MAX_CRF))),
    WithJsonSchema({"type": ["number", "null"], "minimum": 0, "maximum": MAX_CRF}),
]
ShareOption = Annotated[
    float | None,
    PlainValidator(optional(number(0, 1, above=True))),
    WithJsonSchema({"type": ["number", "null"], "exclusiveMinimum": 0, "maximum": 1}),
]
MarginOption = Annotated[
    int | None,
    PlainValidator(optional(pixels)),
    WithJsonSchema({"type": ["integer", "null"], "minimum": 0, "maximum": MAX_MARGIN_PX}),
]
BitrateOption = Annotated[
    int | None, PlainValidator(optional(bitrate(*VIDEO_BPS, "1000k"))), WithJsonSchema(_BITRATE)
]
AudioBitrateOption = Annotated[
    int | None, PlainValidator(optional(bitrate(*AUDIO_BPS, "128k"))), WithJsonSchema(_AUDIO_BITRATE)
]
BytesOption = Annotated[
    int | None,
    PlainValidator(optional(target_bytes)),
    WithJsonSchema({"type": ["string", "integer", "null"], "examples": ["25MB", "24MiB", 25_000_000]}),
]
ResolutionOption = Annotated[
    Size | int | None,
    PlainValidator(optional(resolution)),
    WithJsonSchema({"type": ["string", "null"], "pattern": f"^({SIZE.pattern}|{HEIGHT.pattern})$"}),
]
SizeOption = Annotated[Size | None, PlainValidator(optional(size)), WithJsonSchema(_SIZE)]
MomentOption = Annotated[Moment | None, PlainValidator(optional(moment)), WithJsonSchema(_MOMENT)]
MomentsOption = Annotated[
    tuple[Moment, ...],
    PlainValidator(moments),
    WithJsonSchema({"type": "array", "items": _MOMENT, "minItems": 1, "maxItems": MAX_MOMENTS}),
]
