"""The document of all doors: whether it is whole, valid and true."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from jsonschema_rs import Registry, meta, validator_for
from schemathesis.specs.openapi.definitions import OPENAPI_31
from typing_extensions import TypedDict

from oven.doors.description import Answer, Audience, Parameter, describes
from oven.doors.fields import Asked, Text
from oven.doors.openapi import document
from tests.daemons import Daemon, running_daemon
from tests.doors import test_matrix
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.routes import written_routes
from tests.site import running_site
from tests.tapes import small_entries, write_zip

PROBLEM = "application/problem+json"


class Loaf(TypedDict):
    """Something baked."""

    name: str


class LoafRequest(Asked):
    """What to bake."""

    loaf_name: Text


class LoafQuery(TypedDict, total=False):
    """Which loaves."""

    limit: int


class Door:
    """A door with a bit of everything, and a handler that says nothing of itself."""

    @describes(
        "Bake a loaf",
        audience=Audience.ADMIN,
        body=LoafRequest,
        query=LoafQuery,
        headers=(Parameter(name="X-Crust", description="How much."),),
        answers={201: Answer(when="Baked.", shape=Loaf, headers={"X-Smell": "How it smells."})},
        refusals={503: "The oven is cold.", 409: "It is baked."},
    )
    async def bake(self, _: web.Request) -> web.Response:
        return web.Response()

    async def keep_silent(self, _: web.Request) -> web.Response:
        return web.Response()


@pytest.fixture
async def said(client: aiohttp.ClientSession, daemon: Daemon) -> dict[str, Any]:
    """The document that a daemon gives of itself."""
    async with client.get(f"{daemon.base}/openapi.json", headers=OUTSIDE) as answer:
        told: dict[str, Any] = await answer.json()
        return told


def operations(said: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in said["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def check(said: dict[str, Any], method: str, path: str, answer: aiohttp.ClientResponse, body: bytes) -> None:
    """Hold an answer against its description.

    Raises:
        ValidationError: it is not what was said.

    """
    responses = said["paths"][path][method]["responses"]
    response = responses.get(str(answer.status), responses["default"])
    schema = response["content"][answer.content_type]["schema"]
    registry = Registry([("urn:oven", said)])
    reference = {"$ref": f"urn:oven{schema['$ref']}"}
    validator_for(reference, registry=registry).validate(json.loads(body))
    for name in ("X-Request-Id", "WWW-Authenticate"):
        assert name not in answer.headers or name in response["headers"]
    assert "X-Request-Id" in answer.headers


def test_a_route_in_full() -> None:
    """All that its handler says, what its access and body entail, and its door's own words."""
    told = document([web.post("/loaves/{name:.+}", Door().bake)], version="7", server="https://oven.example")
    assert (told["info"]["version"], told["servers"]) == ("7", [{"url": "https://oven.example"}])
    ((method, path, operation),) = operations(told)
    assert (method, path, operation["operationId"]) == ("post", "/loaves/{name}", "postLoavesName")
    assert [(one["in"], one["name"]) for one in operation["parameters"]] == [
        ("path", "name"),
        ("query", "limit"),
        ("header", "X-Crust"),
    ]
    assert list(operation["responses"]) == [
        "201",
        "400",
        "401",
        "403",
        "404",
        "409",
        "413",
        "415",
        "503",
        "default",
    ]
    assert set(operation["responses"]["201"]["headers"]) == {"X-Smell", "X-Request-Id"}
    assert operation["responses"]["503"]["description"].endswith("token. The oven is cold.")
    assert set(operation["responses"]["401"]["headers"]) == {"X-Request-Id", "WWW-Authenticate"}
    assert operation["security"] == [{"adminToken": []}, {}]
    assert list(told["components"]["schemas"]) == [
        *("Code", "Loaf", "LoafRequest", "ProblemJson", "QuotaJson", "WrongFieldJson"),
    ]
    assert told["tags"][0]["description"] == __doc__


def test_a_handler_that_says_nothing() -> None:
    """No daemon starts with it."""
    with pytest.raises(ValueError, match="GET /silence is not described"):
        document([web.get("/silence", Door().keep_silent)], version="7")


def test_no_address_is_invented() -> None:
    """Without one that is known, clients take the document's own."""
    assert document([web.get("/", Door().bake)], version="7")["servers"] == [{"url": "/"}]


async def test_every_route_is_described(said: dict[str, Any]) -> None:
    """And none that there is not."""
    assert {(method, path) for method, path, _ in operations(said)} == written_routes()


async def test_who_may_is_as_it_is(said: dict[str, Any]) -> None:
    """What is said of a route's tokens is what its callers meet."""
    schemes = {
        test_matrix.PUBLIC: set(),
        test_matrix.BODY: set(),
        test_matrix.SIGNED: set(),
        test_matrix.LINK: set(),
        test_matrix.OWNER: {"userToken", "adminToken"},
        test_matrix.ADMIN: {"adminToken"},
        test_matrix.SERVICE: {"serviceToken"},
    }
    for method, path, operation in operations(said):
        who_may, _ = test_matrix.ROUTES[(method, path)]
        assert {name for one in operation["security"] for name in one} == schemes[who_may], path


async def test_every_described_route_is_there(
    client: aiohttp.ClientSession, daemon: Daemon, said: dict[str, Any]
) -> None:
    """A method that is not said of a path is refused there, so what is said is what is served."""
    for path, item in said["paths"].items():
        url = daemon.base + re.sub(r"\{\w+\}", "0", path)
        async with client.request("PROPFIND", url, headers=ADMIN) as answer:
            assert answer.status == 405, path
            served = {method.lower() for method in answer.headers["Allow"].split(",")} - {"head"}
            assert served == set(item), path


async def test_the_document_is_valid(said: dict[str, Any]) -> None:
    """By the specification's own schema; each schema in it, and each reference, too."""
    validator_for(OPENAPI_31).validate(said)
    for schema in said["components"]["schemas"].values():
        meta.validate(schema)
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(said))):
        part: Any = said
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


async def test_every_operation_speaks(said: dict[str, Any]) -> None:
    """With a name of its own, a summary, and what it answers when something is wrong."""
    names = [operation["operationId"] for _, _, operation in operations(said)]
    assert len(set(names)) == len(names)
    for _, path, operation in operations(said):
        assert operation["summary"], path
        assert PROBLEM in operation["responses"]["default"]["content"], path
        assert any(status < "4" for status in operation["responses"]), path


async def test_every_body_has_a_schema(said: dict[str, Any]) -> None:
    """Files are files, all else that is no JSON is text; of a stream it is told what its events hold."""
    media: dict[str, Any] = {}
    for _, _, operation in operations(said):
        for response in operation["responses"].values():
            media |= response.get("content", {})
    assert media.pop("application/json")["schema"]
    assert media.pop(PROBLEM)["schema"]
    stream = media.pop("text/event-stream")
    assert (stream["schema"]["type"], "JobEventJson" in stream["schema"]["description"]) == ("string", True)
    assert stream["x-event-data"] == {"$ref": "#/components/schemas/JobEventJson"}
    assert "callback" not in said["components"]["schemas"]["JobEventJson"]["properties"]
    text, file = {"type": "string"}, {"type": "string", "format": "binary"}
    assert {name: one["schema"] for name, one in media.items()} == {
        "video/mp4": file,
        "image/jpeg": file,
        "text/plain": text,
        "text/html": text,
        "text/css": text,
        "text/javascript": text,
    }


async def test_examples_are_examples(said: dict[str, Any]) -> None:
    """Each is what its schema takes."""
    registry = Registry([("urn:oven", said)])
    shown = 0
    for name, schema in said["components"]["schemas"].items():
        for example in schema.get("examples", []):
            shown += 1
            validator_for({"$ref": f"urn:oven#/components/schemas/{name}"}, registry=registry).validate(
                example
            )
    assert shown >= 4


async def test_answers_are_what_is_said(
    client: aiohttp.ClientSession, tmp_path: Path, said: dict[str, Any]
) -> None:
    """Of a job from its beginning to its end, and of what is refused on the way."""

    async def ask(method: str, path: str, *, status: int, job: str = "", **options: Any) -> Any:
        url = daemon.base + path.replace("{id}", job)
        async with client.request(method, url, **options) as answer:
            body = await answer.read()
            assert answer.status == status, body
            check(said, method, path.partition("?")[0], answer, body)
            return json.loads(body)

    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        with running_daemon(tmp_path / "data") as daemon:
            accepted = await ask("post", "/bake", status=202, json=site.ask(code="aBc"))
            job = accepted["jobId"]
            await ask("get", "/v1/jobs/{id}", status=200, job=job)
            await ask("get", "/status", status=200)
            await site.wait_for(1)
            for path in ("/v1/jobs", "/v1/jobs/{id}", "/v1/jobs/{id}/timeline", "/status/{id}", "/health"):
                await ask("get", path, status=200, job=job)
            await ask("delete", "/v1/jobs/{id}", status=409, job=job)
            await ask("post", "/v1/jobs/{id}/callback/replay", status=202, job=job)
            await ask("post", "/v1/jobs/{id}/retry", status=202, job=job)
            await ask("post", "/bake-status", status=200, json={"code": "aBc", "status": "syncing"})
            await ask("post", "/bake", status=400, json={"slug": "../x"})
            await ask("post", "/convert", status=400, data=b"{")
            predicted = {"id": "p", "status": "succeeded", "output": "https://127.0.0.2/x.mp4"}
            webhook = "/api/v1/replicate/webhook"
            brought = await ask("post", webhook, status=200, json=predicted)
            assert [set(asset) for asset in brought["assets"]] == [{"id", "type", "import_job_id"}]
            await ask("post", f"{webhook}?user=..", status=400, json=predicted)
            video = await ask("post", "/v1/videos", status=202, json={"url": f"{site.base}/tape.zip"})
            for path in ("/v1/videos", "/v1/videos/{id}", "/v1/videos/{id}/scenes"):
                await ask("get", path, status=200, job=video["id"])
            await ask("post", "/v1/videos/{id}/scenes", status=409, job=video["id"], json={})
            await ask("get", "/v1/jobs", status=401, headers=OUTSIDE)
            await ask("get", "/v1/jobs/{id}", status=404, job="nobody")
            converted = site.ask(slug="two", bucket="tapes")
            await ask("post", "/convert", status=202, json=converted)
