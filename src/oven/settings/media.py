"""What an operator may set of assets: what is imported, what is exported."""

from pydantic import AliasChoices, BaseModel, Field, SecretStr

from oven.settings.kinds import DAY_S, MAX_SIZE_BYTES, Size, WebhookSecret


class MediaSettings(BaseModel):
    """The bounds of imports and exports, and who may post them."""

    max_media_bytes: Size = Field(
        5_368_709_120,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="MAX_VIDEO_UPLOAD_SIZE",
        description="bytes of an asset at most, also as 500MB or 5GB (of 2³⁰ bytes)",
    )
    max_image_pixels: int = Field(
        50_000_000,
        ge=1,
        le=1_000_000_000,
        validation_alias="OVEN_MAX_IMAGE_PIXELS",
        description="pixels of an image at most",
    )
    import_timeout_s: float = Field(
        1_800,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_IMPORT_TIMEOUT_S",
        description="seconds that the download of a video or a sound may take",
    )
    image_timeout_s: float = Field(
        600,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_IMAGE_TIMEOUT_S",
        description="seconds that the download of an image may take",
    )
    imports: int = Field(
        4, ge=1, le=64, validation_alias="OVEN_IMPORTS", description="imports at once, beside other jobs"
    )
    images: int = Field(
        2,
        ge=1,
        le=64,
        validation_alias="OVEN_IMAGES",
        description="imports of images at once, beside other jobs",
    )
    exports: int = Field(
        1,
        ge=1,
        le=64,
        validation_alias=AliasChoices("OVEN_EXPORTS", "VIDEO_WORKER_CONCURRENCY"),
        description="exports at once, beside other jobs",
    )
    export_timeout_ms: int = Field(
        3_600_000,
        ge=1,
        le=DAY_S * 1_000,
        validation_alias="VIDEO_PROCESSING_TIMEOUT",
        description="milliseconds that each pass of an export may take",
    )
    shorts: int = Field(
        1, ge=1, le=64, validation_alias="OVEN_SHORTS", description="shorts at once, beside other jobs"
    )
    shorts_per_day: int = Field(
        10,
        ge=0,
        le=1_000_000,
        validation_alias="OVEN_SHORTS_PER_DAY",
        description="shorts that a user may export in a day (UTC)",
    )
    short_keep_hours: float = Field(
        24,
        gt=0,
        le=8_760,
        validation_alias="OVEN_SHORT_KEEP_HOURS",
        description="hours after which the file of a short goes",
    )
    short_timeout_s: float = Field(
        600,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_SHORT_TIMEOUT_S",
        description="seconds that each pass of a short may take",
    )
    replicate_secret: WebhookSecret = Field(
        SecretStr(""),
        validation_alias="REPLICATE_WEBHOOK_SECRET",
        description="what Replicate signs its webhooks with; without it that door is open on loopback only",
    )
