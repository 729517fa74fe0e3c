"""The table of assets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, func, insert, or_, select, update

from oven.adapters.database.engine import Database
from oven.adapters.database.rows import to_json
from oven.adapters.database.schema import asset_tags, assets, jobs
from oven.domain.asset import MAX_METADATA_BYTES, Asset, AssetChange, AssetStatus, AssetType, NewAsset
from oven.domain.errors import BadInputError, Code, ConflictError
from oven.domain.instants import iso
from oven.domain.job import ACTIVE
from oven.pipeline.assets import AssetEdit, AssetFilter, Assets
from oven.recipes.ingest import IMAGE, MEDIA

BRINGS = jobs.c.kind.in_([IMAGE.kind, MEDIA.kind])
# Whether an asset is the one that a job was to bring, also where another job brings it by now.
IS_OF_JOB = and_(BRINGS, assets.c.id == func.json_extract(jobs.c.request, "$.asset_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetTable(Assets):
    """The `Assets` port; all instants are the caller's, in milliseconds."""

    database: Database

    async def add(self, new: NewAsset, *, now_ms: int) -> Asset:
        return await self.database.write(_add, new, now_ms=now_ms)

    async def get(self, asset_id: str, *, owner: str | None) -> Asset | None:
        row = await self.database.first(select(assets).where(*_visible(asset_id, owner)))
        return None if row is None else _asset(row)

    async def page(
        self,
        wanted: AssetFilter,
        *,
        owner: str | None,
        before: tuple[int, str] | None = None,
        limit: int,
    ) -> list[Asset]:
        query = (
            select(assets)
            .where(assets.c.deleted_at.is_(None))
            .order_by(assets.c.created_at.desc(), assets.c.id.desc())
            .limit(limit)
        )
        if owner is not None:
            query = query.where(assets.c.owner == owner)
        if wanted.types:
            query = query.where(assets.c.type.in_(wanted.types))
        if wanted.statuses:
            query = query.where(assets.c.status.in_(wanted.statuses))
        if wanted.folder_id is not None:
            folder = wanted.folder_id or None
            query = query.where(assets.c.folder_id == folder)
        for tag in wanted.tags:
            query = query.where(exists().where(asset_tags.c.asset == assets.c.id, asset_tags.c.tag == tag))
        if wanted.text:
            query = query.where(func.lower(assets.c.name).contains(wanted.text.lower(), autoescape=True))
        if before is not None:
            created_ms, asset_id = before
            earlier = and_(assets.c.created_at == created_ms, assets.c.id < asset_id)
            query = query.where(or_(assets.c.created_at < created_ms, earlier))
        return [_asset(row) for row in await self.database.all(query)]

    async def edit(self, asset_id: str, edit: AssetEdit, *, owner: str | None, now_ms: int) -> Asset | None:
        return await self.database.write(_edit, asset_id, edit, owner=owner, now_ms=now_ms)

    async def delete(self, asset_id: str, *, owner: str | None, now_ms: int) -> Asset | None:
        change = update(assets).where(*_visible(asset_id, owner))
        gone = change.values(deleted_at=now_ms, updated_at=now_ms).returning(assets)
        row = await self.database.write(lambda connection: connection.execute(gone).first())
        return None if row is None else _asset(row)

    async def purgeable(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[Asset]:
        query = (
            select(assets)
            .where(_is_over(before_ms), assets.c.id.not_in(skip))
            .order_by(assets.c.updated_at)
            .limit(limit)
        )
        return [_asset(row) for row in await self.database.all(query)]

    async def forget(self, asset_id: str, *, before_ms: int) -> bool:
        gone = delete(assets).where(assets.c.id == asset_id, _is_over(before_ms))
        return await self.database.write(lambda connection: connection.execute(gone).rowcount > 0)

    async def overdue(self, *, before_ms: int, limit: int, skip: Collection[str] = ()) -> list[Asset]:
        query = (
            select(assets)
            .where(assets.c.status == AssetStatus.PENDING_UPLOAD)
            .where(or_(assets.c.created_at < before_ms, assets.c.deleted_at.is_not(None)))
            .where(assets.c.id.not_in(skip))
            .limit(limit)
        )
        return [_asset(row) for row in await self.database.all(query)]

    async def fail(self, change: AssetChange, *, now_ms: int) -> None:
        await self.database.write(change_asset, change, "", now_ms=now_ms)


def announce(connection: Connection, new: NewAsset, job_id: str, *, now_ms: int) -> str | None:
    """Write down the asset that a new job brings → the id of the job that has brought it already, if one did.

    One that failed is brought anew, under the same id; so is one that waits for its upload.

    Raises:
        ConflictError: ASSET_CONFLICT, the id is another's, or of an asset that was deleted.

    """
    row = connection.execute(select(assets).where(assets.c.id == new.id)).first()
    if row is None:
        connection.execute(insert(assets).values(_values(new, now_ms) | {"job": job_id}))
        _write_tags(connection, new.id, new.tags)
        return None
    if row.owner != new.owner or row.deleted_at is not None:
        raise ConflictError(Code.ASSET_CONFLICT, f"the asset_id {new.id} cannot be had; choose another")
    if row.status not in {AssetStatus.FAILED, AssetStatus.PENDING_UPLOAD}:
        return str(row.job)
    values = _values(new, now_ms)
    del values["created_at"]
    again = update(assets).where(assets.c.id == new.id).values(values | {"job": job_id, "error": None})
    connection.execute(again)
    _write_tags(connection, new.id, new.tags)
    return None


def change_asset(connection: Connection, change: AssetChange, job_id: str, *, now_ms: int) -> None:
    """Write down what a job's end has made of its asset; what was there before does not go with a failure.

    Nor is it changed by a job that has it no more.
    """
    held = and_(assets.c.id == change.id, assets.c.job == job_id)
    row = connection.execute(select(assets.c.status, assets.c.facts).where(held)).first()
    is_ready = change.status is AssetStatus.READY
    if row is None or (row.status == AssetStatus.READY and not is_ready):
        return
    facts = {**orjson.loads(row.facts), **change.facts}
    if is_ready:
        facts["imported_at"] = iso(now_ms)
    values = {
        "status": change.status,
        "size": change.size_bytes,
        "checksum": change.checksum,
        "thumbnail_key": change.thumbnail_key,
        "facts": to_json(facts),
        "error": None if change.error is None else to_json(change.error),
        "upload": "",
        "updated_at": now_ms,
    }
    connection.execute(update(assets).where(assets.c.id == change.id).values(values))


def reopen_asset(connection: Connection, job_id: str, *, now_ms: int) -> None:
    """Let an asset that failed be on its way again, with its job's next run; most jobs have none.

    Raises:
        ConflictError: ASSET_CONFLICT, it was deleted, or another job brings it, or has.

    """
    its = select(assets.c.id, assets.c.job, assets.c.deleted_at).select_from(jobs)
    row = connection.execute(its.outerjoin(assets, IS_OF_JOB).where(jobs.c.id == job_id, BRINGS)).first()
    if row is None:
        return
    if row.id is None or row.deleted_at is not None:
        raise ConflictError(Code.ASSET_CONFLICT, "the asset of this job was deleted")
    if row.job != job_id:
        # Its bytes would be told under the key of the other's.
        raise ConflictError(
            Code.ASSET_CONFLICT,
            "the asset of this job was imported again, by another job",
            hint=f"Retry the job {row.job} instead.",
        )
    failed = and_(assets.c.job == job_id, assets.c.status == AssetStatus.FAILED)
    change = update(assets).where(failed)
    connection.execute(change.values(status=AssetStatus.UPLOADING, error=None, updated_at=now_ms))


def _add(connection: Connection, new: NewAsset, *, now_ms: int) -> Asset:
    if connection.execute(select(assets.c.id).where(assets.c.id == new.id)).first():
        raise ConflictError(Code.ASSET_CONFLICT, f"the asset_id {new.id} cannot be had; choose another")
    connection.execute(insert(assets).values(_values(new, now_ms) | {"job": ""}))
    _write_tags(connection, new.id, new.tags)
    return _asset(connection.execute(select(assets).where(assets.c.id == new.id)).one())


def _edit(
    connection: Connection, asset_id: str, edit: AssetEdit, *, owner: str | None, now_ms: int
) -> Asset | None:
    values: dict[str, Any] = {"updated_at": now_ms}
    if edit.name is not None:
        values["name"] = edit.name
    if edit.folder_id is not None:
        values["folder_id"] = edit.folder_id or None
    if edit.tags is not None:
        values["tags"] = to_json(edit.tags)
    known = connection.execute(select(assets.c.metadata).where(*_visible(asset_id, owner))).first()
    if known is None:
        return None
    if edit.metadata is not None:
        merged = {**orjson.loads(known.metadata), **edit.metadata}
        metadata = to_json({name: value for name, value in merged.items() if value is not None})
        if len(metadata.encode()) > MAX_METADATA_BYTES:
            raise BadInputError(
                Code.FIELD_INVALID,
                f"metadata has more than {MAX_METADATA_BYTES:,} bytes with what is there already",
                hint="Take members away: null does.",
            )
        values["metadata"] = metadata
    if edit.tags is not None:
        _write_tags(connection, asset_id, edit.tags)
    change = update(assets).where(assets.c.id == asset_id).values(values).returning(assets)
    return _asset(connection.execute(change).one())


def _is_over(before_ms: int) -> ColumnElement[bool]:
    """Tell assets that were deleted, or failed, before an instant, and that no job brings any more."""
    is_brought = exists().where(jobs.c.id == assets.c.job, jobs.c.state.in_(ACTIVE))
    has_failed = and_(assets.c.status == AssetStatus.FAILED, assets.c.updated_at < before_ms)
    return and_(or_(assets.c.deleted_at < before_ms, has_failed), ~is_brought)


def _visible(asset_id: str, owner: str | None) -> list[Any]:
    where = [assets.c.id == asset_id, assets.c.deleted_at.is_(None)]
    return where if owner is None else [*where, assets.c.owner == owner]


def _values(new: NewAsset, now_ms: int) -> dict[str, Any]:
    return {
        "id": new.id,
        "owner": new.owner,
        "type": new.type,
        "name": new.name,
        "status": new.status,
        "bucket": new.bucket,
        "key": new.key,
        "thumbnail_key": "",
        "size": 0,
        "checksum": "",
        "metadata": to_json(new.metadata),
        "facts": to_json(new.facts),
        "folder_id": new.folder_id,
        "tags": to_json(new.tags),
        "upload": new.upload,
        "created_at": now_ms,
        "updated_at": now_ms,
    }


def _write_tags(connection: Connection, asset_id: str, tags: Collection[str]) -> None:
    connection.execute(delete(asset_tags).where(asset_tags.c.asset == asset_id))
    if tags:
        rows: list[Mapping[str, str]] = [{"asset": asset_id, "tag": tag} for tag in dict.fromkeys(tags)]
        connection.execute(insert(asset_tags), rows)


def _asset(row: Row[Any]) -> Asset:
    return Asset(
        id=row.id,
        owner=row.owner,
        type=AssetType(row.type),
        name=row.name,
        status=AssetStatus(row.status),
        bucket=row.bucket,
        key=row.key,
        thumbnail_key=row.thumbnail_key,
        size_bytes=row.size,
        checksum=row.checksum,
        metadata=orjson.loads(row.metadata),
        facts=orjson.loads(row.facts),
        folder_id=row.folder_id,
        tags=tuple(orjson.loads(row.tags)),
        job_id=row.job,
        upload=row.upload,
        error=None if row.error is None else orjson.loads(row.error),
        created_ms=row.created_at,
        updated_ms=row.updated_at,
        deleted_ms=row.deleted_at,
    )
