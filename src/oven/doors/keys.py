"""API keys of users, made and revoked by the admin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from oven.domain.caller import OWNER_RULE, Scope, is_owner
from oven.doors.access import Access
from oven.doors.bodies import read_object, require_texts
from oven.doors.instants import iso
from oven.doors.problems import FieldsError, json_response
from oven.pipeline.identity import ApiKey, Identity

DAY_MS = 86_400_000
MAX_DAYS = 3_650
SCOPES = ", ".join(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysDoor:
    """`/v1/keys`: create, list, revoke."""

    identity: Identity
    access: Access

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/keys", self.create),
            web.get("/v1/keys", self.all),
            web.delete("/v1/keys/{id}", self.revoke),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Make a key; its text is told in this answer and never again."""
        await self.access.require_admin(request)
        body = await read_object(request)
        owner = require_texts(body, ["owner"])["owner"]
        scopes, days = body.get("scopes"), body.get("expiresInDays")
        wrong = [] if is_owner(owner) else [("/owner", f"owner must be {OWNER_RULE}")]
        if scopes is not None and not _are_scopes(scopes):
            wrong.append(("/scopes", f"scopes must be a list of some of {SCOPES}"))
        # Of bool, which is a number to Python, no key lives a day.
        if days is not None and not (type(days) is int and 1 <= days <= MAX_DAYS):
            wrong.append(("/expiresInDays", f"expiresInDays must be a whole number from 1 to {MAX_DAYS}"))
        if wrong:
            raise FieldsError(wrong)
        key, text = await self.identity.create(
            owner,
            list(Scope) if scopes is None else [Scope(scope) for scope in scopes],
            expires_ms=None if days is None else self.identity.now_ms() + days * DAY_MS,
        )
        return json_response({**key_json(key), "key": text}, status=201)

    async def all(self, request: web.Request) -> web.Response:
        await self.access.require_admin(request)
        keys = await self.identity.keys.all(owner=request.query.get("owner"))
        return json_response({"keys": [key_json(key) for key in keys]})

    async def revoke(self, request: web.Request) -> web.Response:
        await self.access.require_admin(request)
        return json_response(key_json(await self.identity.revoke(request.match_info["id"])))


def key_json(key: ApiKey) -> Mapping[str, Any]:
    """Give all of a key that is known to Oven."""
    return {
        "id": key.id,
        "owner": key.owner,
        "scopes": sorted(key.scopes),
        "createdAt": iso(key.created_ms),
        "expiresAt": iso(key.expires_ms),
        "revokedAt": iso(key.revoked_ms),
    }


def _are_scopes(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(scope in list(Scope) for scope in value)
