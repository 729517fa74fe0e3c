"""API keys, over HTTP."""

import aiohttp
import pytest

from tests.daemons import Daemon
from tests.doors.conftest import ADMIN, OUTSIDE


async def test_made_used_listed_revoked(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """The text is told once; the key opens its owner's jobs until it is revoked."""
    url = f"{daemon.base}/v1/keys"
    asked = {"owner": "carol", "scopes": ["read"], "expiresInDays": 30}
    async with client.post(url, json=asked, headers=ADMIN) as answer:
        assert answer.status == 201
        made = await answer.json()
    text = made.pop("key")
    assert (made["owner"], made["scopes"], made["revokedAt"]) == ("carol", ["read"], None)
    assert made["expiresAt"] > made["createdAt"]
    carol = OUTSIDE | {"Authorization": f"bearer  {text}"}
    async with client.get(f"{daemon.base}/v1/jobs", headers=carol) as answer:
        assert (answer.status, await answer.json()) == (200, {"jobs": [], "nextCursor": None})
    async with client.post(f"{daemon.base}/v1/jobs/x/retry", headers=carol) as answer:
        said = await answer.json(content_type=None)
        assert (answer.status, said["code"]) == (403, "FORBIDDEN")
        assert said["error"] == "this needs a key with the scope write; this one has read"
    for query, listed in (("owner=carol", [made]), ("owner=dave", [])):
        async with client.get(f"{url}?{query}", headers=ADMIN) as answer:
            assert (await answer.json())["keys"] == listed
    async with client.delete(f"{url}/{made['id']}", headers=ADMIN) as answer:
        assert (answer.status, (await answer.json())["revokedAt"] is None) == (200, False)
    async with client.get(f"{daemon.base}/v1/jobs", headers=carol) as answer:
        assert (answer.status, (await answer.json(content_type=None))["error"]) == (
            401,
            "this API key was revoked",
        )


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"owner": ...}, ["/owner"]),
        ({"owner": 7}, ["/owner"]),
        ({"owner": "../carol"}, ["/owner"]),
        ({"owner": "..", "scopes": [], "expiresInDays": 0}, ["/owner", "/scopes", "/expiresInDays"]),
        ({"scopes": ["read", "cook"]}, ["/scopes"]),
        ({"scopes": [["read"]]}, ["/scopes"]),
        ({"scopes": "read"}, ["/scopes"]),
        ({"expiresInDays": True}, ["/expiresInDays"]),
        ({"expiresInDays": 1.5}, ["/expiresInDays"]),
        ({"expiresInDays": 3_651}, ["/expiresInDays"]),
    ],
)
async def test_what_cannot_be(
    client: aiohttp.ClientSession, daemon: Daemon, changes: dict[str, object], pointers: list[str]
) -> None:
    """400, all of it at once; no key is made."""
    asked = {name: value for name, value in ({"owner": "erin"} | changes).items() if value is not ...}
    async with client.post(f"{daemon.base}/v1/keys", json=asked, headers=ADMIN) as answer:
        said = await answer.json(content_type=None)
        assert (answer.status, [error["pointer"] for error in said["errors"]]) == (400, pointers)
    async with client.get(f"{daemon.base}/v1/keys?owner=erin", headers=ADMIN) as answer:
        assert (await answer.json())["keys"] == []


async def test_an_unknown_filter(client: aiohttp.ClientSession, daemon: Daemon) -> None:
    """Is refused as one of jobs is: nobody takes all keys for those that were asked for."""
    for query in ("limit=1", "nonsense=1&owner=carol"):
        async with client.get(f"{daemon.base}/v1/keys?{query}", headers=ADMIN) as answer:
            said = await answer.json(content_type=None)
            assert (answer.status, said["code"]) == (400, "FIELD_INVALID")
            assert [error["pointer"] for error in said["errors"]] == [f"/{query.partition('=')[0]}"]
