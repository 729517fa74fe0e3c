"""Assets, asked over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN
from tests.imports import Importer, importing, running_host

PATH = "/api/v1/media"


@pytest.fixture
async def ask(daemon: Daemon) -> AsyncIterator[Importer]:
    async with importing(daemon, **ADMIN) as ask:
        yield ask


@pytest.fixture
async def three(ask: Importer) -> list[dict[str, Any]]:
    """Three assets of one user's that no test had before; none of them can be."""
    user = f"user-{id(ask)}"
    async with running_host() as host:
        return [
            await ask.brought(f"{host.base}/{n}.mp4", name=f"Film {n}", tags=[f"t{n}"], user_id=user)
            for n in range(3)
        ]


async def names(ask: Importer, user: str, query: str = "") -> list[str]:
    _, page = await ask.ask("GET", f"{PATH}?user_id={user}{query}")
    return [asset["name"] for asset in page["assets"]]


async def test_a_list(ask: Importer, three: list[dict[str, Any]]) -> None:
    """Newest first, narrowed by filters, page by page."""
    user = three[0]["user_id"]
    assert await names(ask, user) == ["Film 2", "Film 1", "Film 0"]
    assert await names(ask, user, "&tag=t1") == ["Film 1"]
    assert await names(ask, user, "&q=film%202") == ["Film 2"]
    assert await names(ask, user, "&status=READY&status=UPLOADING") == []
    assert await names(ask, user, "&status=FAILED&type=audio&type=video") == ["Film 2", "Film 1", "Film 0"]
    assert await names(ask, user, "&folder_id=none") == []
    _, first = await ask.ask("GET", f"{PATH}?user_id={user}&limit=2")
    _, rest = await ask.ask("GET", f"{PATH}?user_id={user}&limit=2&cursor={first['next_cursor']}")
    assert [asset["name"] for asset in rest["assets"]] == ["Film 0"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "query", ["limit=0", "cursor=x", "type=film", "status=ready", "color=red", "tag=a&" * 1_300 + "tag=a"]
)
async def test_wrong_filters(ask: Importer, query: str) -> None:
    """Are named."""
    status, problem = await ask.ask("GET", f"{PATH}?{query}")
    assert (status, problem["errors"][0]["pointer"]) == (400, f"/{query.partition('=')[0]}")


async def test_a_change(ask: Importer, three: list[dict[str, Any]]) -> None:
    """Of what is the user's to change; what is not named stays."""
    path = f"{PATH}/{three[0]['id']}"
    edit = {"name": "New", "tags": ["x", "y"], "folder_id": "f", "metadata": {"rating": 5}}
    status, changed = await ask.ask("PATCH", path, json=edit)
    assert (status, changed["name"], changed["tags"], changed["folder_id"]) == (200, "New", ["x", "y"], "f")
    assert changed["metadata"]["rating"] == 5
    _, again = await ask.ask("PATCH", path, json={"folder_id": "", "metadata": {"rating": None}})
    assert (again["name"], again["tags"], again["folder_id"]) == ("New", ["x", "y"], None)
    assert "rating" not in again["metadata"]
    status, problem = await ask.ask("PATCH", path, json={"name": "", "tags": 1})
    assert [error["pointer"] for error in problem["errors"]] == ["/name", "/tags"]


async def test_an_id_in_large_letters(ask: Importer, three: list[dict[str, Any]]) -> None:
    """Is the same id."""
    status, found = await ask.ask("GET", f"{PATH}/{three[0]['id'].upper()}")
    assert (status, found["id"]) == (200, three[0]["id"])


async def test_metadata_that_grows(ask: Importer, three: list[dict[str, Any]]) -> None:
    """Change by change is held to the limit of a single one; what was there stays."""
    path = f"{PATH}/{three[0]['id']}"
    assert (await ask.ask("PATCH", path, json={"metadata": {"a": "x" * 60_000}}))[0] == 200
    status, problem = await ask.ask("PATCH", path, json={"metadata": {"b": "x" * 60_000}})
    assert (status, problem["code"]) == (400, "FIELD_INVALID")
    _, asset = await ask.ask("PATCH", path, json={"metadata": {"a": None, "b": "x"}})
    assert "a" not in asset["metadata"]
    assert asset["metadata"]["b"] == "x"


async def test_a_deletion(ask: Importer, three: list[dict[str, Any]]) -> None:
    """It is found no more; its job has no next run."""
    one = three[1]
    path = f"{PATH}/{one['id']}"
    assert (await ask.ask("DELETE", path))[0] == 204
    for method in ("GET", "PATCH", "DELETE"):
        status, problem = await ask.ask(method, path, json={})
        assert (status, problem["code"]) == (404, "NOT_FOUND")
    assert await names(ask, one["user_id"]) == ["Film 2", "Film 0"]
    status, problem = await ask.ask("POST", f"/v1/jobs/{one['metadata']['import_job_id']}/retry")
    assert (status, problem["code"]) == (409, "ASSET_CONFLICT")
