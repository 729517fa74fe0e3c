"""API keys of users, made and revoked by the admin."""

from dataclasses import dataclass
from typing import Annotated, NotRequired

from aiohttp import web
from pydantic import AfterValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.caller import OWNER, OWNER_RULE, Scope, is_owner
from oven.domain.instants import iso
from oven.doors.access import Access
from oven.doors.bodies import read_as
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Asked, Text
from oven.doors.problems import json_response
from oven.doors.queries import check_names
from oven.pipeline.identity import ApiKey, Identity
from oven.pipeline.instants import Instant

DAY_MS = 86_400_000
MAX_DAYS = 3_650
SCOPES = ", ".join(Scope)
SCOPES_SCHEMA = {
    "type": ["array", "null"],
    "items": {"type": "string", "enum": list(Scope)},
    "minItems": 1,
}


EXAMPLE: JsonDict = {"owner": "alice", "scopes": ["read"], "expiresInDays": 30}


def _owner(value: str) -> str:
    if not is_owner(value):
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be {OWNER_RULE}"))
    return value


def _scopes(value: object) -> list[Scope]:
    """Take some scopes, or all of them where none is named."""
    if value is None:
        return list(Scope)
    if not isinstance(value, list) or not value or any(scope not in list(Scope) for scope in value):
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be a list of some of {SCOPES}"))
    return [Scope(scope) for scope in value]


def _days(value: object) -> int | None:
    """Take a number of days; of bool, which is a number to Python, no key lives a day."""
    if value is None:
        return None
    if not (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_DAYS):
        raise complain(Complaint(kind=Kind.VALUE, about=f" must be a whole number from 1 to {MAX_DAYS}"))
    return value


class KeyRequest(Asked):
    """An API key to make for a user."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    owner: Annotated[
        Text,
        AfterValidator(_owner),
        WithJsonSchema({"type": "string", "pattern": f"^{OWNER.pattern}$"}),
        Field(description=f"The user: {OWNER_RULE}."),
    ]
    scopes: Annotated[
        list[Scope],
        PlainValidator(_scopes),
        WithJsonSchema(SCOPES_SCHEMA),
        Field(description="What it may be used for; all where none is named."),
    ] = list(Scope)  # noqa: RUF012 - nobody can change it: the model is frozen
    expires_in_days: Annotated[
        int | None,
        PlainValidator(_days),
        WithJsonSchema({"type": ["integer", "null"], "minimum": 1, "maximum": MAX_DAYS}),
        Field(description="It is good for ever where this is not given."),
    ] = None


class KeyJson(TypedDict):
    """All of an API key that is known to Oven, and its text in the answer that makes it."""

    id: str
    owner: str
    scopes: list[Scope]
    createdAt: Instant
    expiresAt: Instant | None
    revokedAt: Instant | None
    key: NotRequired[Annotated[str, Field(description="What to send; it is told this once.")]]


class KeyListJson(TypedDict):
    """API keys, newest first."""

    keys: list[KeyJson]


class KeysQuery(TypedDict, total=False):
    """Which keys to list."""

    owner: Annotated[str, Field(description="This user's alone.")]


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

    @describes(
        "Make an API key",
        audience=Audience.ADMIN,
        body=KeyRequest,
        answers={201: Answer(when="The key, with its text.", shape=KeyJson)},
    )
    async def create(self, request: web.Request) -> web.Response:
        """Make a key; its text is told in this answer and never again."""
        await self.access.require_admin(request)
        asked = await read_as(KeyRequest, request)
        days = asked.expires_in_days
        key, text = await self.identity.create(
            asked.owner,
            asked.scopes,
            expires_ms=None if days is None else self.identity.now_ms() + days * DAY_MS,
        )
        said: KeyJson = {**key_json(key), "key": text}
        return json_response(said, status=201)

    @describes(
        "List API keys",
        audience=Audience.ADMIN,
        query=KeysQuery,
        answers={200: Answer(when="Keys, newest first.", shape=KeyListJson)},
        refusals={400: "There is no such filter."},
    )
    async def all(self, request: web.Request) -> web.Response:
        await self.access.require_admin(request)
        check_names(request, KeysQuery)
        keys = await self.identity.keys.all(owner=request.query.get("owner"))
        said: KeyListJson = {"keys": [key_json(key) for key in keys]}
        return json_response(said)

    @describes(
        "Revoke an API key",
        audience=Audience.ADMIN,
        answers={200: Answer(when="The key, which opens nothing any more.", shape=KeyJson)},
    )
    async def revoke(self, request: web.Request) -> web.Response:
        await self.access.require_admin(request)
        return json_response(key_json(await self.identity.revoke(request.match_info["id"])))


def key_json(key: ApiKey) -> KeyJson:
    """Give all of a key that is known to Oven."""
    return {
        "id": key.id,
        "owner": key.owner,
        "scopes": sorted(key.scopes),
        "createdAt": iso(key.created_ms),
        "expiresAt": iso(key.expires_ms),
        "revokedAt": iso(key.revoked_ms),
    }
