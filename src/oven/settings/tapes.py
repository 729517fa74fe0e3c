"""What an operator may set of the work on tapes."""

from pydantic import BaseModel, Field

from oven.settings.kinds import DAY_S, MAX_SIZE_BYTES, MIB, Program, Switch


class TapeSettings(BaseModel):
    """The programs that work, and their bounds."""

    ffmpeg: Program = Field(
        "ffmpeg",
        min_length=1,
        validation_alias="OVEN_FFMPEG",
        description="the ffmpeg to run: a name on the PATH, or a path",
    )
    ffprobe: Program = Field(
        "ffprobe",
        min_length=1,
        validation_alias="OVEN_FFPROBE",
        description="the ffprobe to run: a name on the PATH, or a path",
    )
    encoder_threads: int = Field(
        2,
        ge=1,
        le=64,
        validation_alias="OVEN_ENCODER_THREADS",
        description="threads of one encode at most; each costs about 60 MB at the largest size",
    )
    bake_scale: int = Field(
        3,
        ge=1,
        le=32,
        validation_alias="OVEN_BAKE_SCALE",
        description="how many times larger a tape's video is than its frames, where the tape does not say",
    )
    reuse: Switch = Field(
        True,
        validation_alias="OVEN_REUSE",
        description="whether what was made before of the same tape in the same way is copied",
    )
    bake_timeout_s: float = Field(
        900,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_BAKE_TIMEOUT_S",
        description="seconds that the encode of a tape may take",
    )
    encode_stall_s: float = Field(
        20,
        gt=0,
        le=DAY_S,
        validation_alias="OVEN_ENCODE_STALL_S",
        description="seconds without movement after which an encode is stopped; twice that before its first",
    )
    max_zip_bytes: int = Field(
        1024 * MIB,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_MAX_ZIP_BYTES",
        description="bytes of a tape's archive at most",
    )
    max_unpacked_bytes: int = Field(
        2048 * MIB,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_MAX_UNPACKED_BYTES",
        description="bytes of a tape's archive at most, unpacked",
    )
    max_frames: int = Field(
        10_000,
        ge=1,
        le=1_000_000,
        validation_alias="OVEN_MAX_FRAMES",
        description="frames of a tape at most",
    )
    max_tape_s: float = Field(
        600, gt=0, le=DAY_S, validation_alias="OVEN_MAX_TAPE_S", description="seconds of a tape at most"
    )
    max_frame_pixels: int = Field(
        16_777_216,
        ge=4,
        le=268_435_456,
        validation_alias="OVEN_MAX_FRAME_PIXELS",
        description="pixels of a frame at most, of the source and of the video",
    )
    blob_limit_bytes: int = Field(
        52_428_800,
        ge=1,
        le=MAX_SIZE_BYTES,
        validation_alias="OVEN_BLOB_LIMIT_BYTES",
        description=(
            "bytes of a video at which an encode is stopped, and a smaller one made (ATProto's blob limit)"
        ),
    )
