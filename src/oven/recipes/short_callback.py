"""What a callback tells of a short: the members of its body, as the recipe makes them."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.recipes.export_report import VerificationJson
from oven.recipes.tape_callback import Failed, JobId
from oven.recipes.tape_metadata import JobWarning


class ShortEcho(TypedDict):
    """What the caller of a short knows it by."""

    scene_id: str
    video_id: str


class ShortReport(TypedDict):
    """What a short has become."""

    key: Annotated[str, Field(description="In its bucket, which is private.")]
    file_size_bytes: int
    duration_s: float
    resolution: Annotated[str, Field(description="Width and height in pixels, such as `1080x1920`.")]
    lifetime_s: Annotated[float, Field(description="How long after its end the file stays, in seconds.")]
    warnings: list[JobWarning]
    verification: VerificationJson


class ShortComplete(ShortEcho, ShortReport):
    """What is told of a short that is done."""

    status: Literal["complete"]


class ShortFailed(ShortEcho, Failed):
    """What is told of a short that failed, or was cancelled; `error` has 500 characters at most."""


class ShortCompleteJson(ShortComplete):
    """The callback of a short that is done; `GET /v1/exports/{jobId}` gives a link to it."""

    jobId: JobId


class ShortErrorJson(ShortFailed):
    """The callback of a short that failed, or was cancelled."""

    jobId: JobId
