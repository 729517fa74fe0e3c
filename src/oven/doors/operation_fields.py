"""The six operations of an export, as requests write them; fields have the names of `media.operations`."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic.alias_generators import to_camel

from oven.doors.asset_fields import ID
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.fields import URL_SCHEMA, Checks, Text, check_url
from oven.doors.operation_options import (
    AudioBitrateOption,
    BitrateOption,
    BytesOption,
    CodecOption,
    CrfOption,
    FormatOption,
    MarginOption,
    ModeOption,
    MomentOption,
    MomentsOption,
    PositionOption,
    PresetOption,
    QualityOption,
    ResizeOption,
    ResolutionOption,
    ShareOption,
    SizeOption,
    SoundOption,
    StillFormatOption,
)
from oven.media import operations as media
from oven.media.geometry import Size


class OperationOptions(BaseModel):
    """Options of an operation."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, hide_input_in_errors=True)
    makes: ClassVar[type[Any]]

    def operation(self) -> media.Operation:
        """Give the operation, which knows best what goes for options that were not given."""
        given = {name: value for name, value in self if value is not None}
        made: media.Operation = self.makes(**given)
        return made


class TranscodeOptions(OperationOptions):
    """How pictures and sound are encoded, and how large pictures are."""

    makes = media.Transcode

    codec: Annotated[CodecOption, Field(description="Of the pictures; `copy` leaves them as they are.")] = (
        None
    )
    bitrate_bps: Annotated[
        BitrateOption, Field(alias="bitrate", description="Of the pictures, in bits a second.")
    ] = None
    crf: Annotated[
        CrfOption,
        Field(description="The same quality throughout; lower is better, on the codec's own scale."),
    ] = None
    resolution: Annotated[
        ResolutionOption,
        Field(description="Width and height; or the height, with the width that goes with it."),
    ] = None
    resize: Annotated[
        ResizeOption,
        Field(description="Within the resolution (by default), over it with the rest cut off, or stretched."),
    ] = None
    preset: Annotated[PresetOption, Field(description="The slower, the smaller.")] = None
    audio_codec: Annotated[SoundOption, Field(description="Of the sound; `none` leaves it out.")] = None
    audio_bitrate_bps: Annotated[
        AudioBitrateOption, Field(alias="audioBitrate", description="In bits a second.")
    ] = None

    def operation(self) -> media.Transcode:
        """Give the operation, with a size or a height."""
        given = {name: value for name, value in self if value is not None and name != "resolution"}
        if self.resolution is not None:
            given["size" if isinstance(self.resolution, Size) else "height"] = self.resolution
        return media.Transcode(**given)


class ConvertOptions(OperationOptions):
    """Which container a film is put in; what fits it is copied, the rest is encoded."""

    makes = media.Convert

    format: Annotated[FormatOption, Field(description="The container.")] = None
    video_codec: Annotated[CodecOption, Field(description="Of the pictures.")] = None
    audio_codec: Annotated[SoundOption, Field(description="Of the sound; `none` leaves it out.")] = None
    audio_bitrate_bps: Annotated[
        AudioBitrateOption, Field(alias="audioBitrate", description="In bits a second.")
    ] = None


class CompressOptions(OperationOptions):
    """How a film is made smaller: by exactly one of these."""

    makes = media.Compress

    crf: Annotated[CrfOption, Field(description="The same quality throughout; lower is better.")] = None
    bitrate_bps: Annotated[
        BitrateOption, Field(alias="bitrate", description="Of the pictures, in bits a second.")
    ] = None
    quality: Annotated[QualityOption, Field(description="How good it looks, in a word.")] = None
    target_bytes: Annotated[
        BytesOption,
        Field(
            alias="targetSize",
            description="Of the whole file: bytes, or with KB, MB, GB (of 10³), KiB, MiB, GiB (of 2¹⁰).",
        ),
    ] = None


def _image(value: str, info: ValidationInfo[Checks]) -> str:
    """Take an asset's id, or a URL that may be fetched."""
    if ID.fullmatch(value):
        return value.lower()
    if "://" not in value:
        raise complain(Complaint(kind=Kind.VALUE, about=" must be the id of an asset, or a URL by https"))
    return check_url(value, info.context.source, "image")


class WatermarkOptions(OperationOptions):
    """What is laid over a film, and where."""

    makes = media.Watermark

    image: Annotated[
        Text,
        AfterValidator(_image),
        WithJsonSchema({**URL_SCHEMA, "format": "uri-reference"}),
        Field(description="The id of an asset, an image that is READY; or a URL of one, by https."),
    ]
    position: Annotated[PositionOption, Field(description="`bottom-right` by default.")] = None
    opacity: Annotated[ShareOption, Field(description="1, by default, hides what is below.")] = None
    scale: Annotated[
        ShareOption, Field(description="Its width as a share of the film's; its own width by default.")
    ] = None
    margin_px: Annotated[
        MarginOption, Field(alias="margin", description="Pixels from the film's edges; 10 by default.")
    ] = None

    def operation(self) -> media.Watermark:
        """Give the operation, which says nothing of the picture."""
        given = {name: value for name, value in self if value is not None and name != "image"}
        return media.Watermark(**given)


class TrimOptions(OperationOptions):
    """What is kept of a film: from an instant to another, or so long."""

    makes = media.Trim

    start: Annotated[MomentOption, Field(description="Where it begins; the film's begin by default.")] = None
    end: Annotated[MomentOption, Field(description="Where it ends; the film's end by default.")] = None
    duration: Annotated[MomentOption, Field(description="How long it is, in place of `end`.")] = None
    mode: Annotated[
        ModeOption,
        Field(description="`exact` cuts at the very frame, `keyframes` copies from the key frame before."),
    ] = None


class ThumbnailOptions(OperationOptions):
    """Which pictures are taken of the result."""

    makes = media.Thumbnail

    timestamps: Annotated[MomentsOption, Field(description="Instants of the result.")]
    size: Annotated[SizeOption, Field(description="They fit into it; as large as the result by default.")] = (
        None
    )
    format: Annotated[StillFormatOption, Field(description="`jpeg` by default.")] = None


class AskedOperation(BaseModel):
    """An operation as it is described; what is asked is read piece by piece, to tell better what is wrong."""

    model_config = ConfigDict(extra="forbid")


class TranscodeOperation(AskedOperation):
    """Encode anew."""

    type: Literal["transcode"]
    options: TranscodeOptions


class ConvertOperation(AskedOperation):
    """Change the container."""

    type: Literal["convert"]
    options: ConvertOptions


class CompressOperation(AskedOperation):
    """Make smaller."""

    type: Literal["compress"]
    options: CompressOptions


class WatermarkOperation(AskedOperation):
    """Lay a picture over the film."""

    type: Literal["watermark"]
    options: WatermarkOptions


class TrimOperation(AskedOperation):
    """Cut."""

    type: Literal["trim"]
    options: TrimOptions


class ThumbnailOperation(AskedOperation):
    """Take pictures."""

    type: Literal["thumbnail"]
    options: ThumbnailOptions


AnyOperation = Annotated[
    TranscodeOperation
    | ConvertOperation
    | CompressOperation
    | WatermarkOperation
    | TrimOperation
    | ThumbnailOperation,
    Field(discriminator="type"),
]
OPTIONS: Mapping[str, type[OperationOptions]] = {
    "transcode": TranscodeOptions,
    "convert": ConvertOptions,
    "compress": CompressOptions,
    "watermark": WatermarkOptions,
    "trim": TrimOptions,
    "thumbnail": ThumbnailOptions,
}
