"""The table of scenes."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from oven.adapters.database.engine import Database
from oven.adapters.database.schema import assets, scenes
from oven.domain.errors import Code, ConflictError, NotFoundError
from oven.domain.scene import MAX_SCENES, NewScene, Scene, check_times
from oven.media.source import source_of_facts
from oven.pipeline.scenes import SceneEdit, Scenes

# What was deleted is not there, nor are its scenes.
WITH_VIDEO = scenes.join(assets, and_(assets.c.id == scenes.c.asset, assets.c.deleted_at.is_(None)))
VISIBLE = select(scenes).select_from(WITH_VIDEO)


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneTable(Scenes):
    """The `Scenes` port; all instants are the caller's, in milliseconds."""

    database: Database

    async def add(self, new: NewScene, *, now_ms: int) -> Scene:
        return await self.database.write(_add, new, now_ms=now_ms)

    async def get(self, scene_id: str, *, owner: str | None) -> Scene | None:
        row = await self.database.first(VISIBLE.where(_is(scene_id, owner)))
        return None if row is None else _scene(row)

    async def of_video(self, asset_id: str, *, owner: str | None) -> list[Scene]:
        query = VISIBLE.where(scenes.c.asset == asset_id).limit(MAX_SCENES)
        if owner is not None:
            query = query.where(scenes.c.owner == owner)
        in_order = query.order_by(scenes.c.start_s, scenes.c.created_at, scenes.c.id)
        return [_scene(row) for row in await self.database.all(in_order)]

    async def edit(self, scene_id: str, edit: SceneEdit, *, owner: str | None, now_ms: int) -> Scene | None:
        return await self.database.write(_edit, scene_id, edit, owner=owner, now_ms=now_ms)

    async def delete(self, scene_id: str, *, owner: str | None) -> Scene | None:
        return await self.database.write(_delete, scene_id, owner=owner)


def _add(connection: Connection, new: NewScene, *, now_ms: int) -> Scene:
    its_video = and_(assets.c.id == new.asset_id, assets.c.owner == new.owner, assets.c.deleted_at.is_(None))
    if connection.execute(select(assets.c.id).where(its_video)).first() is None:
        raise NotFoundError(Code.NOT_FOUND, "there is no such video")
    count = select(func.count()).select_from(scenes).where(scenes.c.asset == new.asset_id)
    if connection.execute(count).scalar_one() >= MAX_SCENES:
        raise ConflictError(
            Code.ASSET_CONFLICT,
            f"the video has {MAX_SCENES:,} scenes, which is as many as it can have",
            hint="Delete scenes that nobody needs.",
        )
    values = {
        "id": new.id,
        "asset": new.asset_id,
        "owner": new.owner,
        "name": new.name,
        "start_s": new.start_s,
        "end_s": new.end_s,
        "created_at": now_ms,
        "updated_at": now_ms,
    }
    return _scene(connection.execute(insert(scenes).values(values).returning(scenes)).one())


def _edit(
    connection: Connection, scene_id: str, edit: SceneEdit, *, owner: str | None, now_ms: int
) -> Scene | None:
    query = VISIBLE.add_columns(assets.c.facts).where(_is(scene_id, owner))
    row = connection.execute(query).first()
    if row is None:
        return None
    # Here, where nobody else changes it meanwhile: of two good changes the sum may end before it begins.
    start_s, end_s = check_times(
        row.start_s if edit.start_s is None else edit.start_s,
        row.end_s if edit.end_s is None else edit.end_s,
        source_of_facts(orjson.loads(row.facts), size_bytes=0).duration_s,
    )
    values = {
        "name": row.name if edit.name is None else edit.name,
        "start_s": start_s,
        "end_s": end_s,
        "updated_at": now_ms,
    }
    change = update(scenes).where(scenes.c.id == scene_id).values(values).returning(scenes)
    return _scene(connection.execute(change).one())


def _delete(connection: Connection, scene_id: str, *, owner: str | None) -> Scene | None:
    row = connection.execute(VISIBLE.where(_is(scene_id, owner))).first()
    if row is None:
        return None
    connection.execute(delete(scenes).where(scenes.c.id == scene_id))
    return _scene(row)


def _is(scene_id: str, owner: str | None) -> ColumnElement[bool]:
    is_it = scenes.c.id == scene_id
    return is_it if owner is None else and_(is_it, scenes.c.owner == owner)


def _scene(row: Row[Any]) -> Scene:
    return Scene(
        id=row.id,
        asset_id=row.asset,
        owner=row.owner,
        name=row.name,
        start_s=row.start_s,
        end_s=row.end_s,
        created_ms=row.created_at,
        updated_ms=row.updated_at,
    )
