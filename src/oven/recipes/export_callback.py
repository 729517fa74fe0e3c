"""What a callback tells of an export: the members of its body, as the recipe makes them."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.recipes.export_report import ReportJson
from oven.recipes.tape_callback import Failed, JobId


class ExportEcho(TypedDict):
    """What the caller of an export knows it by."""

    videoId: Annotated[str, Field(description="As the request had it.")]


class ExportComplete(ExportEcho, ReportJson):
    """What is told of an export that is done."""

    status: Literal["complete"]


class ExportFailed(ExportEcho, Failed):
    """What is told of an export that failed, or was cancelled."""


class ExportCompleteJson(ExportComplete):
    """The callback of an export that is done; `GET /api/exports/{jobId}/download` gives links to it."""

    jobId: JobId


class ExportErrorJson(ExportFailed):
    """The callback of an export that failed, or was cancelled."""

    jobId: JobId
