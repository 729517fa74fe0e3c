"""What a callback tells of an export: the members of its body, as the recipe makes them."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.recipes.tape_callback import Failed, JobId
from oven.recipes.tape_metadata import JobWarning


class ExportEcho(TypedDict):
    """What the caller of an export knows it by."""

    videoId: Annotated[str, Field(description="As the request had it.")]


class ExportReady(ExportEcho):
    """What is told of an export that is done; of the film, null where pictures alone were asked for."""

    status: Literal["complete"]
    format: Annotated[str | None, Field(description="The film's container.")]
    size: Annotated[int | None, Field(description="The film's, in bytes.")]
    duration: Annotated[float | None, Field(description="The film's, in seconds.")]
    resolution: Annotated[list[int] | None, Field(description="The film's width and height, in pixels.")]
    thumbnails: Annotated[int, Field(description="How many there are.")]
    warnings: Annotated[list[JobWarning], Field(description="What else there is to say.")]


class ExportFailed(ExportEcho, Failed):
    """What is told of an export that failed, or was cancelled."""


class ExportReadyJson(ExportReady):
    """The callback of an export that is done; `GET /api/exports/{jobId}/download` gives links to it."""

    jobId: JobId


class ExportErrorJson(ExportFailed):
    """The callback of an export that failed, or was cancelled."""

    jobId: JobId
