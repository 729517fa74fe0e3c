"""The doors' description of themselves, as one document of OpenAPI 3.1."""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from oven.doors.description import (
    JSON,
    TEXT,
    Answer,
    Audience,
    Description,
    Parameter,
    Webhook,
    description_of,
)
from oven.doors.problems import TYPE, ProblemJson

# A segment of a path that is a name, in aiohttp's words, which may hold a pattern.
PLACEHOLDER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
SCHEMAS = "#/components/schemas/{model}"
SWITCHING, LIMITED, UNAVAILABLE = 101, 429, 503
# What any route of an audience may refuse, beside its own.
BY_AUDIENCE: Mapping[Audience, Mapping[int, str]] = {
    Audience.PUBLIC: {},
    Audience.USER: {
        401: "Who asks does not prove to be anybody.",
        403: "The API key lacks the scope.",
        UNAVAILABLE: "Who asks cannot be told at the moment.",
    },
    Audience.ADMIN: {
        401: "Who asks does not prove to be the admin.",
        403: "Who asks is a user.",
        UNAVAILABLE: "The operator has set no admin's token.",
    },
    Audience.SERVICE: {401: "The service's token is missing, or wrong."},
    Audience.SECRET: {401: "The `callbackSecret` is wrong."},
    Audience.SIGNATURE: {401: "The signature is missing, wrong, or old."},
}
WITH_BODY = {
    400: "The body is no JSON object, or fields of it are wrong: `errors` says which.",
    413: "The body is too large.",
    415: "The body is compressed.",
}
WITH_NAME = {404: "There is none of that name, or it is not the caller's."}
CALLBACK_TOKEN = "callbackToken"  # noqa: S105 - the name of a scheme
TOKENS = {
    "userToken": "A user's API key, or a JWT that proves one.",
    "adminToken": "`OVEN_ADMIN_TOKEN`; clients on Oven's own machine need none.",
    "serviceToken": "`MP4_SERVICE_TOKEN`; where none is set, clients on Oven's own machine need none.",
    CALLBACK_TOKEN: "`CALLBACK_AUTH_TOKEN`, by which receivers know Oven; nobody sends it here.",
}
# Clients on this machine may come without a token.
SECURITY: Mapping[Audience, Sequence[Mapping[str, Sequence[str]]]] = {
    Audience.PUBLIC: [],
    Audience.USER: [{"userToken": []}, {"adminToken": []}, {}],
    Audience.ADMIN: [{"adminToken": []}, {}],
    Audience.SERVICE: [{"serviceToken": []}, {}],
    Audience.SECRET: [],
    Audience.SIGNATURE: [],
}
REQUEST_ID, RETRY_AFTER, CHALLENGE = "X-Request-Id", "Retry-After", "WWW-Authenticate"
HEADERS = {
    REQUEST_ID: "The request's own id, which the log has, too.",
    RETRY_AFTER: "In how many seconds to try again, where it will pass by itself.",
    CHALLENGE: '`Bearer`, with `error="invalid_token"` where what was sent is not good (RFC 6750).',
}
# Of each problem; of any that is not listed it may be all of these.
HEADERS_OF = {
    401: (REQUEST_ID, CHALLENGE),
    LIMITED: (REQUEST_ID, RETRY_AFTER),
    UNAVAILABLE: (REQUEST_ID, RETRY_AFTER),
    0: tuple(HEADERS),
}
ABOUT = """Turns jobs into finished media: a client posts a job, and is called back when it is done.

Every error is a problem (RFC 9457), with a `code` for programs and a `detail` for people.
"""


class Schemas(GenerateJsonSchema):
    """Schemas without a title for every field, which would only say its name once more."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - as the base has it
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route that is described; its `path` as OpenAPI writes it, and the `door` that it belongs to."""

    method: str
    path: str
    door: str
    said: Description

    @property
    def names(self) -> list[str]:
        return PLACEHOLDER.findall(self.path)

    @property
    def refusals(self) -> Mapping[int, str]:
        """What each status means that is no good answer; of several meanings all."""
        told: dict[int, str] = {}
        for some in (
            BY_AUDIENCE[self.said.audience],
            WITH_BODY if self.said.body else {},
            WITH_NAME if self.names else {},
        ):
            told |= some
        for status, text in self.said.refusals.items():
            told[status] = f"{told[status]} {text}" if status == UNAVAILABLE and status in told else text
        return {status: told[status] for status in sorted(told.keys() - self.said.answers.keys())}


def document(routes: Sequence[web.RouteDef], *, version: str, server: str = "") -> dict[str, Any]:
    """Describe all routes; where Oven's public address is not known, clients take the document's own.

    Raises:
        ValueError: a handler does not describe itself.

    """
    described = [_route(route) for route in routes]
    schemas = _schemas(described)
    queries = _queries(described)
    # What several doors send is of the first of them.
    sends = [(sent, route) for route in reversed(described) for sent in route.said.sends]
    paths: dict[str, dict[str, Any]] = {}
    for route in described:
        paths.setdefault(route.path, {})[route.method] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Oven", "version": version, "description": ABOUT},
        "servers": [{"url": server or "/"}],
        "tags": [
            {"name": _tag(door), "description": sys.modules[door].__doc__}
            for door in dict.fromkeys(route.door for route in described)
        ],
        "paths": paths,
        "webhooks": {sent.name: {"post": _webhook(sent, route)} for sent, route in sends},
        "components": {
            # Queries stand with their routes.
            "schemas": {name: schema for name, schema in schemas.items() if name not in queries},
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": text}
                for name, text in TOKENS.items()
            },
            "headers": {name: _header(text) for name, text in HEADERS.items()},
        },
    }


def _route(route: web.RouteDef) -> Route:
    said = description_of(route.handler)
    if said is None:
        raise ValueError(f"{route.method} {route.path} is not described")
    return Route(
        method=route.method.lower(),
        path=PLACEHOLDER.sub(r"{\1}", route.path),
        door=route.handler.__module__,
        said=said,
    )


def _queries(routes: Sequence[Route]) -> set[str]:
    """Name the types of queries."""
    return {route.said.query.__name__ for route in routes if isinstance(route.said.query, type)}


def _schemas(routes: Sequence[Route]) -> Mapping[str, Any]:
    """Give the schema of every type that is asked for or answered, and of those in them, by name."""
    modes: dict[Any, Literal["validation", "serialization"]] = {ProblemJson: "serialization"}
    for route in routes:
        modes |= {one.shape: "serialization" for one in route.said.answers.values() if one.shape is not None}
        modes |= {shape: "serialization" for sent in route.said.sends for shape in sent.shapes}
        asked = (route.said.body, route.said.query)
        modes |= {one: "validation" for one in asked if isinstance(one, type)}
    _, found = TypeAdapter.json_schemas(
        [(shape, mode, TypeAdapter(shape)) for shape, mode in modes.items()],
        ref_template=SCHEMAS,
        schema_generator=Schemas,
    )
    schemas: Mapping[str, Any] = found["$defs"]
    return schemas


def _operation(route: Route, schemas: Mapping[str, Any]) -> dict[str, Any]:
    said = route.said
    words = re.findall(r"[A-Za-z0-9]+", route.path)
    good = {str(status): _answer(status, answer) for status, answer in said.answers.items()}
    bad = {str(status): _problem(text, status) for status, text in route.refusals.items()}
    return {
        "operationId": route.method + "".join(word[0].upper() + word[1:] for word in words),
        "summary": said.summary,
        **({"description": said.details} if said.details else {}),
        "tags": [_tag(route.door)],
        "security": SECURITY[said.audience],
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": dict(TEXT)} for name in route.names),
            *(_parameter(one, "query") for one in _query(said.query, schemas)),
            *(_parameter(one, "header") for one in said.headers),
        ],
        **({"requestBody": {"required": True, "content": taken}} if (taken := _taken(said)) else {}),
        "responses": {**good, **bad, "default": _problem("Another problem.")},
    }


def _webhook(sent: Webhook, route: Route) -> dict[str, Any]:
    """Describe what is posted, and what Oven takes of its receiver's answers."""
    shapes = [_ref(shape) for shape in sent.shapes]
    schema = {"oneOf": shapes} if len(shapes) > 1 else shapes[0]
    return {
        "operationId": sent.name,
        "summary": sent.summary,
        "description": sent.details,
        "tags": [_tag(route.door)],
        "security": [{CALLBACK_TOKEN: []}, {}] if sent.has_token else [],
        "parameters": [_parameter(one, "header") for one in sent.headers],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": {status: {"description": text} for status, text in sent.answers.items()},
    }


def _query(query: Any, schemas: Mapping[str, Any]) -> Sequence[Parameter]:
    """Give the parameters of a query, one for each member of its type."""
    if not isinstance(query, type):
        return query or ()
    properties: Mapping[str, Any] = schemas[query.__name__]["properties"]
    return [
        Parameter(
            name=name,
            description=schema.get("description", ""),
            schema={member: value for member, value in schema.items() if member != "description"},
        )
        for name, schema in properties.items()
    ]


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": place,
        **({"required": True} if parameter.is_required else {}),
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _taken(said: Description) -> dict[str, Any]:
    """Give the bodies that a route takes by their media types."""
    if said.body is not None:
        return {JSON: {"schema": _ref(said.body)}}
    return {media: {"schema": dict(schema)} for media, schema in said.takes.items()}


def _answer(status: int, answer: Answer) -> dict[str, Any]:
    """Describe a good answer; a socket that opens has no headers of ours."""
    headers = {name: _header(text) for name, text in answer.headers.items()}
    if status != SWITCHING:
        headers[REQUEST_ID] = _header_ref(REQUEST_ID)
    return {
        "description": answer.when,
        **({"headers": headers} if headers else {}),
        **({"content": content} if (content := _content(answer)) else {}),
    }


def _content(answer: Answer) -> dict[str, Any]:
    """Give an answer's bodies by their media types; what the events of a stream hold stands beside it."""
    if not answer.media:
        return {} if answer.shape is None else {JSON: {"schema": _ref(answer.shape)}}
    held = {} if answer.shape is None else {"x-event-data": _ref(answer.shape)}
    return {media: {"schema": dict(schema), **held} for media, schema in answer.media.items()}


def _problem(when: str, status: int = 0) -> dict[str, Any]:
    headers = {name: _header_ref(name) for name in HEADERS_OF.get(status, (REQUEST_ID,))}
    return {"description": when, "headers": headers, "content": {TYPE: {"schema": _ref(ProblemJson)}}}


def _tag(door: str) -> str:
    return door.rpartition(".")[2]


def _header_ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/headers/{name}"}


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": dict(TEXT)}


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": SCHEMAS.format(model=shape.__name__)}
