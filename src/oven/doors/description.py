"""What a handler says of itself: the part of the API's description that stands beside it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel

JSON = "application/json"
Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
# As generators know a file, although to OpenAPI 3.1 it would be a text.
FILE: Schema = {"type": "string", "format": "binary"}
AnyHandler = Callable[..., Awaitable[web.StreamResponse]]
Described = TypeVar("Described", bound=AnyHandler)
# Under this name a handler carries its description.
ATTRIBUTE = "oven_description"


class Audience(StrEnum):
    """Who may ask: everybody, users of what is theirs, the admin, who has the service's token or a secret.

    Or whose signature is good.

    The admin may whatever users may, and clients on this machine what the admin may.
    """

    PUBLIC = "public"
    USER = "user"
    ADMIN = "admin"
    SERVICE = "service"
    SECRET = "secret"  # noqa: S105 - the name of an audience
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A header or a query's name that a route reads, or that is sent; texts of any kind without a schema."""

    name: str
    description: str
    is_required: bool = False
    schema: Schema = field(default_factory=lambda: TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One good answer: when it comes, and what its body and its headers are.

    `shape` is a type of JSON.  Bodies that are no JSON have schemas by their media types instead; of a stream
    `shape` is what its events hold.  Without either there is no body.
    `headers` says of each what it tells.
    """

    when: str
    shape: Any = None
    media: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """What Oven posts to an address that a route's request names; its body is one of `shapes`.

    `has_token` where the operator's token goes with it; `answers` says what it takes of each status.
    """

    name: str
    summary: str
    details: str
    shapes: tuple[type, ...]
    headers: tuple[Parameter, ...]
    answers: Mapping[str, str]
    has_token: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A route in words; `query` is a TypedDict, or the parameters themselves.

    A `body` is JSON; others have schemas by their media types, in `takes`.

    `refusals` says what statuses mean beside those that every route of its audience and its body may have.
    """

    summary: str
    details: str
    audience: Audience
    answers: Mapping[int, Answer]
    body: type[BaseModel] | None
    takes: Mapping[str, Schema]
    query: Any
    headers: tuple[Parameter, ...]
    refusals: Mapping[int, str]
    sends: tuple[Webhook, ...]


def describes(
    summary: str,
    *,
    audience: Audience,
    answers: Mapping[int, Answer],
    details: str = "",
    body: type[BaseModel] | None = None,
    takes: Mapping[str, Schema] | None = None,
    query: Any = None,
    headers: tuple[Parameter, ...] = (),
    refusals: Mapping[int, str] | None = None,
    sends: tuple[Webhook, ...] = (),
) -> Callable[[Described], Described]:
    """Attach a description to a handler, which stays as it is."""
    description = Description(
        summary=summary,
        details=details,
        audience=audience,
        answers=answers,
        body=body,
        takes=takes or {},
        query=query,
        headers=headers,
        refusals=refusals or {},
        sends=sends,
    )

    def attach(handler: Described) -> Described:
        vars(handler)[ATTRIBUTE] = description
        return handler

    return attach


def description_of(handler: object) -> Description | None:
    """Give what a handler, or a method that is bound, says of itself."""
    found = getattr(handler, ATTRIBUTE, None)
    return found if isinstance(found, Description) else None
