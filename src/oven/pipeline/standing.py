"""How a job stands: what is told of it wherever it is told."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from oven.domain.job import JobRecord, JobState

Position = Annotated[
    int | None, Field(ge=1, description="Its place among those that wait in its lane; 1 is next.")
]
Speed = Annotated[float | None, Field(ge=0, description="While it is encoded, seconds of media in a second.")]
EtaS = Annotated[int | None, Field(ge=1, description="In how many seconds it will have ended.")]


class Standing(TypedDict):
    """How a job stands; what is to come of it is null once it has ended."""

    state: JobState
    run: Annotated[int, Field(description="Counts from 1; a retry by hand opens the next.")]
    attempt: Annotated[int, Field(description="Counts from 1 in each run, 0 before the first.")]
    seq: Annotated[int, Field(description="Grows with every change of any job.")]
    progress: Annotated[float, Field(ge=0, le=1)]
    phase: str | None
    position: Position
    speed: Speed
    etaS: EtaS


def standing(record: JobRecord) -> Standing:
    return {
        "state": record.state,
        "run": record.run,
        "attempt": record.attempt,
        "seq": record.seq,
        "progress": round(record.progress, 4),
        "phase": record.phase or None,
        "position": record.outlook.position,
        "speed": record.outlook.speed,
        "etaS": record.outlook.eta_s,
    }
