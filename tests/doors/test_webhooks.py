"""What is posted to receivers, held against what the document says of it."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest
from jsonschema_rs import Registry, validator_for

from tests.daemons import running_daemon
from tests.site import Received, Site, running_site
from tests.tapes import small_entries, write_zip

TOKEN = "the callback's token, long enough"
WITH_TOKEN = {"CALLBACK_AUTH_TOKEN": TOKEN, "OVEN_CALLBACK_HOSTS": "127.0.0.1"}


def check_posted(said: dict[str, Any], name: str, received: Received) -> dict[str, Any]:
    """Hold a post against its description: no more in it, and no less → its body.

    Raises:
        ValidationError: it is not what was said.

    """
    operation = said["webhooks"][name]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    references = [one["$ref"] for one in schema.get("oneOf", [schema])]
    body: dict[str, Any] = json.loads(received.body)
    registry = Registry([("urn:oven", said)])
    whole = {"oneOf": [{"$ref": f"urn:oven{reference}"} for reference in references]}
    validator_for(whole, registry=registry, validate_formats=True).validate(body)
    shapes = [said["components"]["schemas"][one.rpartition("/")[2]] for one in references]
    assert set(body) in [set(shape["properties"]) for shape in shapes]
    sent = {header.lower() for header in received.headers}
    headers = {one["name"]: one.get("required", False) for one in operation["parameters"]}
    assert {header for header in sent if header.startswith("webhook-")} <= set(headers)
    assert {header for header, is_required in headers.items() if is_required} <= sent
    assert "authorization" not in sent or {"callbackToken": []} in operation["security"]
    return body


async def posts_of(site: Site, path: str, *, last: bytes) -> list[Received]:
    """Wait until one of the posts to a path says so → all of them."""
    with anyio.fail_after(40):
        while not any(one.path == path and last in one.body for one in site.received):
            await site.arrived.wait()
    return [one for one in site.received if one.path == path]


@pytest.mark.parametrize("settings", [{}, WITH_TOKEN])
async def test_what_is_sent_is_what_is_said(
    client: aiohttp.ClientSession, tmp_path: Path, settings: dict[str, str]
) -> None:
    """Of bakes and of conversions, done and failed, to the end and on the way; with a token and without."""
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        with running_daemon(tmp_path / "data", **settings) as daemon:
            async with client.get(f"{daemon.base}/openapi.json") as answer:
                said = await answer.json()
            for door, more in (("bake", {"code": "aBc"}), ("convert", {"bucket": "tapes"})):
                for tape, status, state in (("tape", b"complete", b"done"), ("none", b"error", b"failed")):
                    name = f"/{door}-{tape}"
                    asked = site.ask(
                        tape,
                        **more,
                        slug=f"{door}-{tape}",
                        callbackUrl=f"{site.base}{name}-ended",
                        progressUrl=f"{site.base}{name}-progress",
                    )
                    async with client.post(f"{daemon.base}/{door}", json=asked) as answer:
                        assert answer.status == 202
                        job = (await answer.json())["jobId"]
                    (end,) = await posts_of(site, f"{name}-ended", last=status)
                    body = check_posted(said, f"{door}Ended", end)
                    assert (body["jobId"], body["status"]) == (job, status.decode())
                    assert ("Authorization" in end.headers) == (door == "convert" and bool(settings))
                    for one in await posts_of(site, f"{name}-progress", last=state):
                        assert check_posted(said, f"{door}Progress", one)["jobId"] == job


async def test_each_is_of_its_door(client: aiohttp.ClientSession, closed: Any) -> None:
    """Under a name of its own, with its answers, beside the routes whose requests name the addresses."""
    async with client.get(f"{closed.base}/openapi.json") as answer:
        said = await answer.json()
    told = {name: item["post"] for name, item in said["webhooks"].items()}
    assert {name: one["tags"] for name, one in told.items()} == {
        "bakeEnded": ["bake"],
        "bakeProgress": ["bake"],
        "convertEnded": ["convert"],
        "convertProgress": ["convert"],
        "exportEnded": ["exports"],
        "exportProgress": ["exports"],
        "importEnded": ["media"],
        "importProgress": ["media"],
        "shortEnded": ["shorts"],
        "shortProgress": ["shorts"],
    }
    for name, one in told.items():
        assert one["operationId"] == name
        assert set(one["responses"]) == {"2XX", "410", "default"}
        needs = [header.get("required", False) for header in one["parameters"]]
        assert needs == [name.startswith("bake")] * 3
