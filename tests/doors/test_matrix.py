"""Every route, asked by every kind of caller."""

import secrets
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import jwt

from oven.adapters.clock import wall_ms
from oven.adapters.database.api_keys import ApiKeyTable
from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.scenes import SceneTable
from oven.adapters.sealing import open_sealer
from oven.adapters.user_tokens import UserTokens
from oven.domain.asset import AssetStatus, AssetType, NewAsset
from oven.domain.caller import Scope
from oven.domain.errors import BadInputError, Code
from oven.domain.job import Callback, JobState, NewJob
from oven.domain.scene import NewScene
from oven.media.operations import Trim
from oven.media.short import Quality
from oven.media.strategies import StrategyName
from oven.pipeline.identity import Identity
from oven.recipes.export_request import ExportRequest
from oven.recipes.plan import Outcome
from oven.recipes.short_request import ShortRequest
from oven.recipes.steps import Target
from oven.recipes.tape import TapeRequest
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE
from tests.routes import written_routes

SECRET = "the secret of an identity provider that is long enough"
SETTINGS = {
    "CALLBACK_SECRET": "the site's",
    "MP4_SERVICE_TOKEN": "the service's",
    "OVEN_ADMIN_TOKEN": "the admin's",
    "OVEN_JWT_SECRET": SECRET,
    "REPLICATE_WEBHOOK_SECRET": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
}
# The year 2200: nothing that waits for it is begun.
NEVER_MS = 7_258_118_400_000

# Who may: everybody; who owns the job, and the admin; the admin; the service that has its token; whoever
# knows the secret that stands in the body, or that signs it, or has the signed link, which nobody here does.
PUBLIC, OWNER, ADMIN, SERVICE = "public", "owner", "admin", "service"
BODY, SIGNED, LINK = "body", "signed", "link"
# Each with who may, and what such a caller is answered: there is nothing to cancel, nothing to retry, ….
ROUTES: Mapping[tuple[str, str], tuple[str, int]] = {
    ("post", "/bake"): (BODY, 401),
    ("post", "/convert"): (SERVICE, 400),
    ("get", "/health"): (PUBLIC, 200),
    ("get", "/health/live"): (PUBLIC, 200),
    ("get", "/status"): (PUBLIC, 200),
    ("get", "/status/{id}"): (PUBLIC, 200),
    ("post", "/bake-status"): (PUBLIC, 400),
    ("post", "/bake-complete"): (PUBLIC, 400),
    ("get", "/ws"): (PUBLIC, 400),
    ("get", "/files/{key}"): (PUBLIC, 404),
    ("put", "/files/{key}"): (LINK, 404),
    ("get", "/openapi.json"): (PUBLIC, 200),
    ("get", "/docs"): (PUBLIC, 200),
    ("get", "/docs/{file}"): (PUBLIC, 404),
    ("get", "/metrics"): (ADMIN, 200),
    ("get", "/v1/keys"): (ADMIN, 200),
    ("post", "/v1/keys"): (ADMIN, 400),
    ("delete", "/v1/keys/{id}"): (ADMIN, 404),
    ("get", "/v1/jobs"): (OWNER, 200),
    ("get", "/v1/jobs/{id}"): (OWNER, 200),
    ("get", "/v1/jobs/{id}/timeline"): (ADMIN, 200),
    ("get", "/v1/jobs/{id}/events"): (OWNER, 200),
    ("delete", "/v1/jobs/{id}"): (OWNER, 409),
    ("post", "/v1/jobs/{id}/retry"): (OWNER, 409),
    ("post", "/v1/jobs/{id}/callback/replay"): (OWNER, 202),
    ("post", "/api/v1/media/import-from-url"): (OWNER, 400),
    ("post", "/api/v1/media/import-from-url/batch"): (OWNER, 400),
    ("post", "/api/v1/media"): (OWNER, 400),
    ("post", "/api/v1/media/{id}/upload"): (OWNER, 409),
    ("post", "/api/v1/media/{id}/complete"): (OWNER, 409),
    ("get", "/api/v1/media"): (OWNER, 200),
    ("get", "/api/v1/media/{id}"): (OWNER, 200),
    ("patch", "/api/v1/media/{id}"): (OWNER, 200),
    ("delete", "/api/v1/media/{id}"): (OWNER, 204),
    ("post", "/api/v1/replicate/webhook"): (SIGNED, 401),
    ("post", "/v1/videos"): (OWNER, 400),
    ("get", "/v1/videos"): (OWNER, 200),
    ("get", "/v1/videos/{id}"): (OWNER, 200),
    ("post", "/v1/videos/{id}/scenes"): (OWNER, 409),
    ("get", "/v1/videos/{id}/scenes"): (OWNER, 200),
    ("get", "/v1/scenes/{id}"): (OWNER, 200),
    ("get", "/v1/scenes/{id}/previews"): (OWNER, 409),
    ("patch", "/v1/scenes/{id}"): (OWNER, 200),
    ("delete", "/v1/scenes/{id}"): (OWNER, 204),
    ("post", "/v1/scenes/{id}/export-short"): (OWNER, 409),
    ("post", "/v1/scenes/export-shorts"): (OWNER, 400),
    ("get", "/v1/exports"): (OWNER, 200),
    ("get", "/v1/exports/quota"): (OWNER, 200),
    ("get", "/v1/exports/{id}"): (OWNER, 200),
    ("delete", "/v1/exports/{id}"): (OWNER, 409),
    ("post", "/api/exports"): (OWNER, 400),
    ("get", "/api/exports"): (OWNER, 200),
    ("get", "/api/exports/queue/stats"): (ADMIN, 200),
    ("get", "/api/exports/{id}"): (OWNER, 200),
    ("get", "/api/exports/{id}/download"): (OWNER, 409),
    ("delete", "/api/exports/{id}"): (OWNER, 409),
    ("post", "/api/exports/{id}/retry"): (OWNER, 409),
}
CHANGES = {"post", "patch", "delete"}
ADMINS, USERS = {"the admin", "on this machine"}, {"alice", "bob"}


class Platform:
    """A daemon with jobs of alice's and of nobody's, and what each caller sends."""

    def __init__(self, daemon: Daemon, callers: Mapping[str, Mapping[str, str]]) -> None:
        self.daemon = daemon
        self.callers = callers


def bearer(text: str) -> Mapping[str, str]:
    return OUTSIDE | {"Authorization": f"Bearer {text}"}


def token(secret: str = SECRET, **claims: Any) -> str:
    return jwt.encode(
        {"sub": "alice", "aud": "authenticated", "exp": wall_ms() // 1000 + 600, **claims}, secret
    )


async def people(identity: Identity) -> Mapping[str, Mapping[str, str]]:
    """Make keys for everybody, and tokens."""

    async def key(owner: str, *scopes: Scope, expires_ms: int | None = None) -> str:
        return (await identity.create(owner, scopes or list(Scope), expires_ms=expires_ms))[1]

    revoked, text = await identity.create("alice", list(Scope), expires_ms=None)
    await identity.revoke(revoked.id)
    anonymous = jwt.encode({"role": "anon", "exp": NEVER_MS // 1000}, SECRET)
    return {
        "on this machine": {},
        "nobody": OUTSIDE,
        "the admin": bearer("the admin's"),
        "the service": bearer("the service's"),
        "alice": bearer(await key("alice")),
        "alice's reader": bearer(await key("alice", Scope.READ)),
        "alice's token": bearer(token()),
        "bob": bearer(await key("bob")),
        "bob's token": bearer(token(sub="bob")),
        "nonsense": bearer("x"),
        "of another scheme": OUTSIDE | {"Authorization": "Basic eDp4"},
        "expired": bearer(await key("alice", expires_ms=wall_ms() - 1)),
        "revoked": bearer(text),
        "forged": bearer(token("a secret of somebody else's that is long enough, too")),
        "unsigned": bearer(jwt.encode({"sub": "alice", "exp": NEVER_MS // 1000}, "", algorithm="none")),
        "anonymous": bearer(anonymous),
        "old token": bearer(token(exp=wall_ms() // 1000 - 60)),
    }


# What jobs of each kind were asked for.
REQUESTS = {
    "bake": TapeRequest(url="https://tapes.invalid/1.zip", video=Target("b", "k.mp4")).as_json(),
    "export": ExportRequest(
        asset_id="a",
        source=Target("b", "k"),
        operations=(Trim(),),
        marks=(),
        folder=Target("b", "e/"),
        name="film",
        duration_s=1.0,
    ).as_json(),
    "short": ShortRequest(
        scene_id="s",
        asset_id="a",
        source=Target("b", "k"),
        target=Target("b", "s.mp4"),
        start_s=0.0,
        end_s=1.0,
        strategy=StrategyName.BLUR,
        quality=Quality.HIGH,
    ).as_json(),
}


async def make_jobs(jobs: JobTable, kind: str, called: str = "") -> None:
    """One that waits for ever and one that has ended, of alice's and of nobody's."""
    for owner in ("alice", ""):
        for name, now_ms in (("waits", NEVER_MS), ("ended", wall_ms())):
            new = NewJob(
                id=f"{called}{name}-{owner or 'nobody'}",
                kind=kind,
                owner=owner,
                identity=secrets.token_hex(4),
                output_key="",
                request=REQUESTS[kind],
                callback=Callback(url="https://tapes.invalid/done"),
            )
            await jobs.submit(new, now_ms=now_ms, queue_limit=9)
            if name == "ended":
                error = BadInputError(Code.CANCELLED, "the job was cancelled")
                outcome = Outcome(state=JobState.CANCELLED, error=error, callback={"error": "x"})
                await jobs.end(new.id, outcome, now_ms=now_ms)


def asset_id(method: str, caller: str, whose: str) -> str:
    """Name the asset that a caller asks for: what one deletes another may still look for."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{method} {caller} {whose}"))


async def make_assets(assets: AssetTable, callers: Iterable[str]) -> None:
    """For each question one of alice's and one of nobody's."""
    for method in ("get", "post", "patch", "delete"):
        for caller in callers:
            for owner in ("alice", ""):
                new = NewAsset(
                    id=asset_id(method, caller, owner or "nobody"),
                    owner=owner,
                    type=AssetType.VIDEO,
                    name="n",
                    status=AssetStatus.UPLOADING,
                    bucket="b",
                    key="k",
                )
                await assets.add(new, now_ms=1)


async def make_scenes(scenes: SceneTable, callers: Iterable[str]) -> None:
    """For each question one of alice's and one of nobody's, with the id of the asset that is asked for."""
    for method in ("get", "post", "patch", "delete"):
        for caller in callers:
            for owner in ("alice", ""):
                whose = owner or "nobody"
                new = NewScene(
                    id=asset_id(method, caller, whose),
                    # Nobody deletes this one.
                    asset_id=asset_id("get", caller, whose),
                    owner=owner,
                    name="",
                    start_s=0.0,
                    end_s=1.0,
                )
                await scenes.add(new, now_ms=1)


@asynccontextmanager
async def platform(data: Path) -> AsyncIterator[Platform]:
    async with open_database(data) as database:
        open_sealer(data, is_new=database.is_new)
        await make_jobs(JobTable(database=database), "bake")
        await make_jobs(JobTable(database=database), "export", "export-")
        await make_jobs(JobTable(database=database), "short", "short-")
        keys = ApiKeyTable(database=database)
        identity = Identity(keys=keys, tokens=UserTokens(), now_ms=wall_ms, new_hex=secrets.token_hex)
        callers = await people(identity)
        await make_assets(AssetTable(database=database), callers)
        await make_scenes(SceneTable(database=database), callers)
    with running_daemon(data, **SETTINGS) as daemon:
        yield Platform(daemon, callers)


def wanted(caller: str, method: str, path: str, *, whose: str) -> int:
    """Say what a caller must be answered who asks for a job of somebody's."""
    who_may, answer = ROUTES[(method, path)]
    user = caller.partition("'")[0]
    if path == "/status/{id}" and whose != "nobody":
        return 404
    if who_may in {PUBLIC, BODY, SIGNED, LINK} or (who_may, caller) == (SERVICE, "the service"):
        return answer
    if who_may == SERVICE or user not in USERS | ADMINS:
        return 401
    if user in ADMINS:
        return answer
    if who_may == ADMIN or (caller == "alice's reader" and method in CHANGES):
        return 403
    return answer if "{id}" not in path or user == whose else 404


def address(caller: str, method: str, path: str, *, whose: str) -> str:
    """Name what a caller asks for."""
    if "/v1/videos/" in path:
        return path.replace("{id}", asset_id("get", caller, whose))
    if "/media/" in path or "/v1/scenes/" in path:
        return path.replace("{id}", asset_id(method, caller, whose))
    state = "waits" if path.endswith("/retry") else "ended"
    kind = "short-" if "/v1/exports" in path else "export-" if "/exports" in path else ""
    url = path.replace("{id}", f"{kind}{state}-{whose}").replace("{key}", "none")
    return url.replace(f"/v1/keys/ended-{whose}", "/v1/keys/none")


async def test_every_route_and_every_caller(tmp_path: Path) -> None:
    """Each caller gets what is theirs: another's job is not there, a stranger is told to prove themselves."""
    wrong = []
    async with platform(tmp_path / "data") as there, aiohttp.ClientSession() as client:

        async def ask(caller: str, method: str, path: str, whose: str) -> None:
            url = address(caller, method, path, whose=whose)
            body = {"callbackSecret": "?", "mongoId": "m", "slug": "s", "zipUrl": "z", "callbackUrl": "c"}
            sent = body if path == "/bake" else {} if method in {"post", "patch"} else None
            async with client.request(
                method, there.daemon.base + url, headers=there.callers[caller], json=sent
            ) as answer:
                expected = wanted(caller, method, path, whose=whose)
                if answer.status != expected:
                    wrong.append((caller, method, url, answer.status, expected))
                if answer.status >= 400:
                    assert answer.content_type == "application/problem+json"
                # Whoever is told to prove themselves is told how (RFC 9110, 15.5.2).
                assert (answer.status == 401) == ("WWW-Authenticate" in answer.headers), (caller, url)

        async with anyio.create_task_group() as group:
            for method, path in ROUTES:
                for whose in (
                    ("alice", "nobody") if path.endswith("{id}") or "/{id}/" in path else ("nobody",)
                ):
                    for caller in there.callers:
                        group.start_soon(ask, caller, method, path, whose)
        url, listed = f"{there.daemon.base}/v1/jobs", {}
        for caller in ("alice", "bob", "alice's token", "the admin"):
            async with client.get(url, headers=there.callers[caller]) as answer:
                listed[caller] = {job["id"] for job in (await answer.json())["jobs"]}
        for caller, owner, status in (
            ("alice", "bob", 403),
            ("alice", "alice", 200),
            ("the admin", "bob", 200),
        ):
            async with client.get(url, params={"owner": owner}, headers=there.callers[caller]) as answer:
                assert answer.status == status
                said = await answer.json(content_type=None)
                assert said.get("code") == ("FORBIDDEN" if status == 403 else None)
    assert wrong == []
    mine = {f"{kind}{state}-alice" for kind in ("", "export-", "short-") for state in ("waits", "ended")}
    assert listed == {
        "alice": mine,
        "alice's token": mine,
        "bob": set(),
        "the admin": mine | {name.replace("alice", "nobody") for name in mine},
    }


def test_every_route_is_in_the_matrix() -> None:
    """A new one has to say who may."""
    assert written_routes() == set(ROUTES)
