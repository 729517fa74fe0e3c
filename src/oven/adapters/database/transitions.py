"""Every change of a job's life, each within one transaction of the caller's."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update

from oven.adapters.database.assets import announce, change_asset, reopen_asset
from oven.adapters.database.attempts import begin_attempt, end_attempt
from oven.adapters.database.charges import charge, check_quota, give_back
from oven.adapters.database.idempotency import job_of_key, keep_key
from oven.adapters.database.rows import artifact_values, message_values, read_record, to_json, write_artifact
from oven.adapters.database.schema import counters, jobs, outbox
from oven.domain.errors import Code, ConflictError, OvenError, TransientError
from oven.domain.job import ACTIVE, FINAL, WAITING, Acceptance, Accepted, JobRecord, JobState, NewJob
from oven.domain.quota import QuotaError, is_charged
from oven.pipeline.attempts import AttemptEnd
from oven.pipeline.messages import MessageState
from oven.recipes.plan import Artifact, Outcome

# A job that waits: nobody has it, and nothing of its next attempt is done.
NOT_BEGUN = {"token": "", "progress": 0.0, "phase": ""}


def submit(connection: Connection, new: NewJob, *, now_ms: int, queue_limit: int) -> Accepted:
    known = job_of_key(connection, new, now_ms=now_ms)
    if known is not None:
        row = connection.execute(select(jobs).where(jobs.c.id == known)).one()
        return Accepted(read_record(row), Acceptance.REPLAY)
    accepted = _accept(connection, new, now_ms=now_ms, queue_limit=queue_limit)
    keep_key(connection, new, accepted.record.id, now_ms=now_ms)
    return accepted


def submit_all(
    connection: Connection, news: Sequence[NewJob], *, now_ms: int, queue_limit: int
) -> list[Accepted]:
    """Accept all; where one is refused the caller's transaction is taken back, and with it the others."""
    accepted: list[Accepted] = []
    for new in news:
        try:
            accepted.append(submit(connection, new, now_ms=now_ms, queue_limit=queue_limit))
        except QuotaError as error:
            # Those before it are not kept, so they are not what was begun.
            others = zip(news, accepted, strict=False)
            counted = ((other.kind, other.owner) for other, each in others if _is_charged(other, each))
            raise error.less(list(counted).count((new.kind, new.owner))) from None
    return accepted


def _is_charged(new: NewJob, accepted: Accepted) -> bool:
    return new.per_day is not None and accepted.how is Acceptance.NEW


def _accept(connection: Connection, new: NewJob, *, now_ms: int, queue_limit: int) -> Accepted:
    same = and_(jobs.c.identity == new.identity, jobs.c.state.in_(ACTIVE))
    if found := connection.execute(select(jobs).where(same)).first():
        return Accepted(read_record(found), Acceptance.REPEAT)
    if new.asset is not None:
        bringing = announce(connection, new.asset, new.id, now_ms=now_ms)
        if bringing is not None:
            return Accepted(_job_of_asset(connection, bringing), Acceptance.REPEAT)
    check_quota(connection, new.kind, new.owner, new.per_day, now_ms=now_ms)
    _admit(connection, queue_limit)
    number = _count(connection)
    values = {
        "id": new.id,
        "kind": new.kind,
        "owner": new.owner,
        "state": JobState.QUEUED,
        "run": 1,
        "attempt": 0,
        "crashes": 0,
        "token": "",
        "lease_until": 0,
        "available_at": now_ms,
        "accepted": number,
        "seq": number,
        "identity": new.identity,
        "output_key": new.output_key,
        "request": to_json(new.request),
        "callback": None if new.callback is None else to_json(asdict(new.callback)),
        "progress_url": new.progress_url,
        "is_publishing": False,
        "progress": 0.0,
        "phase": "",
        "created_at": now_ms,
    }
    record = read_record(connection.execute(insert(jobs).values(values).returning(jobs)).one())
    charge(connection, record, new.per_day, now_ms=now_ms)
    return Accepted(record, Acceptance.NEW)


def _job_of_asset(connection: Connection, job_id: str) -> JobRecord:
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise ConflictError(
            Code.ASSET_CONFLICT,
            "there is such an asset already",
            hint="Look at it by its id, or import under another one.",
        )
    return read_record(row)


def claim(
    connection: Connection,
    token: str,
    *,
    now_ms: int,
    lease_ms: int,
    kinds: Collection[str] | None = None,
    skip: Collection[str],
) -> JobRecord | None:
    other = jobs.alias()
    goes_first = exists().where(
        other.c.output_key == jobs.c.output_key,
        other.c.id != jobs.c.id,
        other.c.state.in_(ACTIVE),
        or_(other.c.state == JobState.RUNNING, other.c.accepted < jobs.c.accepted),
    )
    next_id = (
        select(jobs.c.id)
        .where(jobs.c.state.in_(WAITING), jobs.c.available_at <= now_ms)
        .where(or_(jobs.c.output_key == "", ~goes_first), jobs.c.id.not_in(skip))
        .order_by(jobs.c.accepted)
        .limit(1)
    )
    job_id = connection.execute(next_id if kinds is None else next_id.where(jobs.c.kind.in_(kinds))).scalar()
    if job_id is None:
        return None
    record = _change(
        connection,
        jobs.c.id == job_id,
        state=JobState.RUNNING,
        token=token,
        attempt=jobs.c.attempt + 1,
        lease_until=now_ms + lease_ms,
        started_at=func.coalesce(jobs.c.started_at, now_ms),
        progress=0.0,
        phase="",
    )
    if record is not None:
        begin_attempt(connection, record, now_ms)
    return record


def beat(
    connection: Connection, job_id: str, token: str, *, lease_until_ms: int, progress: float, phase: str
) -> bool:
    values = {"lease_until": lease_until_ms, "progress": progress, "phase": phase}
    return _change(connection, _held(job_id, token), **values) is not None


def begin_publishing(connection: Connection, job_id: str, token: str, artifact: Artifact) -> bool:
    record = _change(connection, _held(job_id, token), is_publishing=True)
    if record is not None:
        write_artifact(connection, artifact_values(record, artifact))
    return record is not None


def finish(
    connection: Connection, job_id: str, token: str, outcome: Outcome, *, now_ms: int
) -> JobRecord | None:
    return _end(connection, _held(job_id, token), outcome, now_ms)


def end(connection: Connection, job_id: str, outcome: Outcome, *, now_ms: int) -> JobRecord | None:
    is_open = and_(jobs.c.id == job_id, jobs.c.state.in_(ACTIVE), ~jobs.c.is_publishing)
    return _end(connection, is_open, outcome, now_ms)


def retry_later(
    connection: Connection, job_id: str, token: str, error: OvenError, *, available_ms: int, now_ms: int
) -> JobRecord | None:
    record = _change(
        connection,
        _held(job_id, token),
        state=JobState.RETRYING,
        **NOT_BEGUN,
        available_at=available_ms,
        error=to_json(error.as_json()),
    )
    end_attempt(connection, record, AttemptEnd.RETRYING, now_ms, error)
    return record


def hand_back(connection: Connection, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
    record = _change(
        connection, _held(job_id, token), state=JobState.QUEUED, attempt=jobs.c.attempt - 1, **NOT_BEGUN
    )
    end_attempt(connection, record, AttemptEnd.HANDED_BACK, now_ms)
    return record


def crash(connection: Connection, job_id: str, token: str, *, now_ms: int) -> JobRecord | None:
    record = _change(
        connection, _held(job_id, token), state=JobState.QUEUED, crashes=jobs.c.crashes + 1, **NOT_BEGUN
    )
    end_attempt(connection, record, AttemptEnd.CRASHED, now_ms)
    return record


def rerun(
    connection: Connection, job_id: str, *, now_ms: int, queue_limit: int, per_day: int | None
) -> JobRecord | None:
    final = and_(jobs.c.id == job_id, jobs.c.state.in_(FINAL))
    row = connection.execute(select(jobs.c.identity, jobs.c.kind, jobs.c.owner).where(final)).first()
    if row is None:
        return None
    same = and_(jobs.c.identity == row.identity, jobs.c.state.in_(ACTIVE))
    if connection.execute(select(jobs.c.id).where(same)).first():
        raise ConflictError(Code.JOB_CONFLICT, "another job that asks for the same is active")
    check_quota(connection, row.kind, row.owner, per_day, now_ms=now_ms)
    _admit(connection, queue_limit)
    reopen_asset(connection, job_id, now_ms=now_ms)
    record = _change(
        connection,
        final,
        state=JobState.QUEUED,
        run=jobs.c.run + 1,
        attempt=0,
        crashes=0,
        available_at=now_ms,
        accepted=_count(connection),
        progress=0.0,
        phase="",
        started_at=None,
        finished_at=None,
        result=None,
        error=None,
    )
    if record is not None:
        charge(connection, record, per_day, now_ms=now_ms)
    return record


def _end(
    connection: Connection, where: ColumnElement[bool], outcome: Outcome, now_ms: int
) -> JobRecord | None:
    record = _change(
        connection,
        where,
        state=outcome.state,
        token="",
        phase="",
        finished_at=now_ms,
        result=None if outcome.result is None else to_json(outcome.result),
        error=None if outcome.error is None else to_json(outcome.error.as_json()),
        fingerprint=outcome.fingerprint,
        **({"progress": 1.0} if outcome.state is JobState.DONE else {}),
    )
    if record is None:
        return None
    end_attempt(connection, record, AttemptEnd(outcome.state), now_ms, outcome.error)
    if not is_charged(outcome.state, outcome.error, has_begun=record.started_ms is not None):
        give_back(connection, record)
    for artifact in outcome.artifacts:
        write_artifact(connection, artifact_values(record, artifact))
    if outcome.asset is not None:
        change_asset(connection, outcome.asset, record.id, now_ms=now_ms)
    earlier = update(outbox).where(outbox.c.job == record.id, outbox.c.state == MessageState.PENDING)
    connection.execute(earlier.values(state=MessageState.SUPERSEDED, ended_at=now_ms))
    if record.callback is not None and outcome.callback is not None:
        connection.execute(insert(outbox).values(message_values(record, outcome.callback, now_ms)))
    return record


def _change(connection: Connection, where: ColumnElement[bool], **values: Any) -> JobRecord | None:
    values["seq"] = _count(connection)
    if "state" in values:
        values["is_publishing"] = False
    row = connection.execute(update(jobs).where(where).values(values).returning(jobs)).first()
    return None if row is None else read_record(row)


def _held(job_id: str, token: str) -> ColumnElement[bool]:
    """Fence: only the attempt that holds the token may write."""
    return and_(jobs.c.id == job_id, jobs.c.token == token, jobs.c.state == JobState.RUNNING)


def _admit(connection: Connection, queue_limit: int) -> None:
    waiting = select(func.count()).select_from(jobs).where(jobs.c.state.in_(WAITING))
    if connection.execute(waiting).scalar_one() >= queue_limit:
        raise TransientError(
            Code.QUEUE_FULL,
            f"{queue_limit} {'jobs are' if queue_limit > 1 else 'job is'} waiting already",
            hint="Send it again later, after the seconds in Retry-After.",
        )


def _count(connection: Connection) -> int:
    """Give the next number; the caller's transaction is the only one that writes."""
    raised = update(counters).where(counters.c.name == "seq").values(value=counters.c.value + 1)
    return int(connection.execute(raised.returning(counters.c.value)).scalar_one())
