"""Rows of the tables, written and read."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert

from oven.adapters.database.schema import artifacts
from oven.domain.job import Callback, JobRecord, JobState
from oven.recipes.plan import Artifact

FINAL_EVENT = "final"


def artifact_values(record: JobRecord, artifact: Artifact) -> dict[str, Any]:
    """Give the row of what a run has made, or is about to; its time runs from the run's end."""
    expires_ms = None
    if artifact.lifetime_s is not None and record.finished_ms is not None:
        expires_ms = record.finished_ms + round(1000 * artifact.lifetime_s)
    return {
        "job": record.id,
        "run": record.run,
        "name": artifact.name,
        "bucket": artifact.target.bucket,
        "key": artifact.target.key,
        "is_public": artifact.is_public,
        "content_type": artifact.content_type,
        "size": artifact.size_bytes,
        "sha256": artifact.sha256,
        "version": artifact.version,
        "expires_at": expires_ms,
    }


def write_artifact(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write an artifact down in place of what was known of it."""
    same = [artifacts.c[name] == values[name] for name in ("job", "run", "name")]
    connection.execute(delete(artifacts).where(*same))
    connection.execute(insert(artifacts).values(values))


def message_values(record: JobRecord, body: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    callback = record.callback or Callback(url="")
    return {
        "id": f"msg_{record.id}_{FINAL_EVENT}_{record.run}",
        "job": record.id,
        "run": record.run,
        "event": FINAL_EVENT,
        "url": callback.url,
        "body": orjson.dumps({**body, "jobId": record.id}),
        "sealed_secret": callback.sealed_secret,
        "is_bearer": callback.is_bearer,
        "state": "pending",
        "tries": 0,
        "next_at": now_ms,
        "created_at": now_ms,
    }


def to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def read_record(row: Row[Any]) -> JobRecord:
    return JobRecord(
        id=row.id,
        kind=row.kind,
        owner=row.owner,
        state=JobState(row.state),
        run=row.run,
        attempt=row.attempt,
        crashes=row.crashes,
        token=row.token,
        seq=row.seq,
        output_key=row.output_key,
        request=orjson.loads(row.request),
        callback=None if row.callback is None else Callback(**orjson.loads(row.callback)),
        progress=row.progress,
        phase=row.phase,
        created_ms=row.created_at,
        available_ms=row.available_at,
        started_ms=row.started_at,
        finished_ms=row.finished_at,
        result=None if row.result is None else orjson.loads(row.result),
        error=None if row.error is None else orjson.loads(row.error),
        accepted=row.accepted,
        progress_url=row.progress_url,
    )
