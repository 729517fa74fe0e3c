"""The API keys of users."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from oven.adapters.database.engine import Database
from oven.adapters.database.schema import api_keys
from oven.domain.caller import Scope
from oven.pipeline.identity import ApiKey, ApiKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyTable(ApiKeys):
    """The `ApiKeys` port."""

    database: Database

    async def add(self, key: ApiKey) -> None:
        row = {
            "id": key.id,
            "owner": key.owner,
            "scopes": " ".join(sorted(key.scopes)),
            "digest": key.digest,
            "created_at": key.created_ms,
            "expires_at": key.expires_ms,
            "revoked_at": key.revoked_ms,
        }
        await self.database.write(lambda connection: connection.execute(insert(api_keys).values(row)).close())

    async def get(self, key_id: str) -> ApiKey | None:
        row = await self.database.first(select(api_keys).where(api_keys.c.id == key_id))
        return None if row is None else _key(row)

    async def all(self, *, owner: str | None = None) -> Sequence[ApiKey]:
        query = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        if owner is not None:
            query = query.where(api_keys.c.owner == owner)
        return [_key(row) for row in await self.database.all(query)]

    async def revoke(self, key_id: str, *, now_ms: int) -> ApiKey | None:
        change = (
            update(api_keys)
            .where(api_keys.c.id == key_id)
            .values(revoked_at=func.coalesce(api_keys.c.revoked_at, now_ms))
            .returning(api_keys)
        )
        row = await self.database.write(lambda connection: connection.execute(change).first())
        return None if row is None else _key(row)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        id=row.id,
        owner=row.owner,
        scopes=frozenset(map(Scope, row.scopes.split())),
        digest=row.digest,
        created_ms=row.created_at,
        expires_ms=row.expires_at,
        revoked_ms=row.revoked_at,
    )
