"""A post of progress: how a job stands, for who asked to be told."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.domain.job import JobRecord
from oven.pipeline.instants import Instant
from oven.pipeline.standing import Standing, standing
from oven.recipes.export_callback import ExportEcho
from oven.recipes.ingest_callback import ImportEcho
from oven.recipes.short_callback import ShortEcho
from oven.recipes.tape_callback import BakeEcho, ConvertEcho, JobId


class Post(TypedDict):
    """What a post is about, and of when it is."""

    type: Literal["progress"]
    jobId: JobId
    at: Annotated[Instant, Field(description="When it stood so, UTC.")]


class BakeProgressJson(BakeEcho, Post, Standing):
    """How a bake stands."""


class ConvertProgressJson(ConvertEcho, Post, Standing):
    """How a conversion stands."""


class ImportProgressJson(ImportEcho, Post, Standing):
    """How an import stands."""


class ExportProgressJson(ExportEcho, Post, Standing):
    """How an export stands."""


class ShortProgressJson(ShortEcho, Post, Standing):
    """How an export of a scene stands."""


def progress_json(record: JobRecord, now_ms: int) -> Mapping[str, Any]:
    """Say how a job stands, with what its caller knows it by, and without any secret."""
    stands = {
        "type": "progress",
        "jobId": record.id,
        **standing(record),
        "at": iso(now_ms),
    }
    return {**record.request.get("echo", {}), **stands}
