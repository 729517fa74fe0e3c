"""A post of progress: how a job stands, for who asked to be told."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.instants import iso
from oven.domain.job import JobRecord, JobState
from oven.pipeline.instants import Instant
from oven.pipeline.outlook import EtaS, Position, Speed
from oven.recipes.tape_callback import BakeEcho, ConvertEcho, JobId


class Standing(TypedDict):
    """How a job stands."""

    type: Literal["progress"]
    jobId: JobId
    state: JobState
    run: Annotated[int, Field(description="Counts from 1; a retry by hand opens the next.")]
    attempt: Annotated[int, Field(description="Counts from 1 in each run, 0 before the first.")]
    seq: Annotated[int, Field(description="Grows with every change of any job.")]
    progress: Annotated[float, Field(ge=0, le=1)]
    phase: str | None
    position: Position
    speed: Speed
    etaS: EtaS
    at: Annotated[Instant, Field(description="When it stood so, UTC.")]


class BakeProgressJson(BakeEcho, Standing):
    """How a bake stands."""


class ConvertProgressJson(ConvertEcho, Standing):
    """How a conversion stands."""


def progress_json(record: JobRecord, now_ms: int) -> Mapping[str, Any]:
    """Say how a job stands, with what its caller knows it by, and without any secret."""
    stands: Standing = {
        "type": "progress",
        "jobId": record.id,
        "state": record.state,
        "run": record.run,
        "attempt": record.attempt,
        "seq": record.seq,
        "progress": round(record.progress, 4),
        "phase": record.phase or None,
        "position": record.outlook.position,
        "speed": record.outlook.speed,
        "etaS": record.outlook.eta_s,
        "at": iso(now_ms),
    }
    return {**record.request.get("echo", {}), **stands}
