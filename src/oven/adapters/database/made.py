"""What jobs have made whose results may be reused."""

from dataclasses import dataclass

import orjson
from sqlalchemy import and_, select

from oven.adapters.database.engine import Database
from oven.adapters.database.schema import artifacts, jobs
from oven.domain.job import JobState
from oven.pipeline.made import Made, MadeJob
from oven.pipeline.storage import StoredObject
from oven.recipes.steps import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTable(Made):
    """The `Made` port over the admin's jobs: nobody is given what another's job has made."""

    database: Database
    release: str

    async def latest(self, kind: str, fingerprint: str, *, limit: int) -> list[MadeJob]:
        is_same = and_(jobs.c.fingerprint == fingerprint, jobs.c.kind == kind, jobs.c.owner == "")
        latest = (
            select(jobs.c.id)
            .where(is_same, jobs.c.state == JobState.DONE)
            .order_by(jobs.c.finished_at.desc(), jobs.c.id)
            .limit(limit)
        )
        query = (
            select(artifacts, jobs.c.result)
            .join(jobs, and_(artifacts.c.job == jobs.c.id, artifacts.c.run == jobs.c.run))
            .where(jobs.c.id.in_(latest), artifacts.c.version != "")
            .order_by(jobs.c.finished_at.desc(), jobs.c.id)
        )
        objects: dict[str, dict[str, tuple[Target, StoredObject]]] = {}
        results: dict[str, str] = {}
        for row in await self.database.all(query):
            results[row.job] = row.result
            stored = StoredObject(size_bytes=row.size, sha256=row.sha256, version=row.version)
            objects.setdefault(row.job, {})[row.name] = (Target(row.bucket, row.key), stored)
        return [
            MadeJob(id=job, result=orjson.loads(result), objects=objects[job])
            for job, result in results.items()
        ]
