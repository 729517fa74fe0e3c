"""What every store promises of objects that clients send to it in parts, by links."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import anyio
import pytest
from aiohttp import web

from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.router import StorageRouter
from oven.adapters.storage.s3 import open_s3
from oven.domain.errors import BadInputError, Code, OvenError
from oven.domain.parts import SMALLEST_PART_BYTES
from oven.doors.files import FilesDoor
from oven.doors.problems import MAX_BODY_BYTES, problems
from oven.pipeline.storage import Storage
from oven.recipes.steps import Target
from tests.contract.test_storage import BUCKET, TARGET, S3Case
from tests.s3 import S3Server
from tests.serving import serving

FIRST, SECOND, LAST = b"1" * SMALLEST_PART_BYTES, b"2" * SMALLEST_PART_BYTES, b"the end"
OTHER = Target(BUCKET, "other")


@dataclass(slots=True, kw_only=True)
class Sending:
    """A store, and a client that knows nothing but links."""

    storage: Storage
    client: aiohttp.ClientSession
    root: Path
    s3: S3Case | None = None

    async def link(self, upload_id: str, number: int, target: Target = TARGET, expires_s: int = 60) -> str:
        return await self.storage.presign_part(target, upload_id, number, expires_s=expires_s)

    async def put(self, url: str, data: bytes) -> int:
        async with self.client.put(url, data=BytesIO(data)) as answer:
            assert ("ETag" in answer.headers) == (answer.status == 200)
            return answer.status

    async def send(self, upload_id: str, **parts: bytes) -> None:
        """Put parts, named p1, p2, …, in the order in which they are given."""
        for name, data in parts.items():
            assert await self.put(await self.link(upload_id, int(name[1:])), data) == 200

    async def begin(self, target: Target = TARGET) -> str:
        return await self.storage.begin_parts(target, content_type="video/mp4")

    async def finish(self, upload_id: str, max_bytes: int = 1 << 30) -> int:
        return await self.storage.finish_parts(TARGET, upload_id, max_bytes=max_bytes)

    async def under_way(self) -> int:
        """Count uploads that are neither finished nor taken back."""
        if self.s3 is not None:
            return len(await self.s3.uploads())
        folder = self.root / "private" / ".uploads"
        return len(list(folder.iterdir())) if folder.exists() else 0

    async def object(self) -> bytes | None:
        """Read what stands in the store under the key, as its owner may."""
        if await self.storage.size_bytes(TARGET) is None:
            return None
        async with self.client.get(await self.storage.presign(TARGET, expires_s=60)) as answer:
            return await answer.read()


@pytest.fixture(params=["local", "s3"])
async def sending(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server) -> AsyncIterator[Sending]:
    if request.param == "s3":
        async with open_s3(s3.account()) as opened, aiohttp.ClientSession() as client:
            case = S3Case(opened, s3.endpoint)
            await case.empty()
            yield Sending(storage=case.storage, client=client, root=tmp_path, s3=case)
        return
    local = LocalStorage(
        buckets={BUCKET: tmp_path / "public"},
        base_url="/files",
        private=tmp_path / "private",
        link_key=b"key",
        now_s=lambda: 1_000,
    )
    door = FilesDoor(
        locate=lambda key: local.locate(Target(BUCKET, key)),
        open_link=local.open_link,
        take_part=local.take_part,
    )
    app = web.Application(middlewares=[problems], client_max_size=MAX_BODY_BYTES)
    app.add_routes(door.routes())
    async with (
        serving(app, auto_decompress=False, shutdown_timeout=0.1) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client,
    ):
        yield Sending(storage=StorageRouter(stores={BUCKET: local}), client=client, root=tmp_path)


async def test_parts_become_one_object(sending: Sending) -> None:
    """In the order of their numbers, whichever came first; nothing is seen before, and nothing left after."""
    upload_id = await sending.begin()
    await sending.send(upload_id, p3=LAST, p1=FIRST, p2=SECOND)
    assert await sending.storage.size_bytes(TARGET) is None
    whole = FIRST + SECOND + LAST
    assert await sending.finish(upload_id) == len(whole)
    assert await sending.object() == whole
    assert await sending.under_way() == 0
    async with sending.client.get(sending.storage.url(TARGET)) as answer:
        assert answer.status in {403, 404}


async def test_ending_again(sending: Sending) -> None:
    """Changes nothing, and says the same; nor does taking back what is finished."""
    upload_id = await sending.begin()
    await sending.send(upload_id, p1=LAST)
    for _ in range(2):
        assert await sending.finish(upload_id) == len(LAST)
        await sending.storage.abort_parts(TARGET, upload_id)
    assert await sending.object() == LAST
    assert await sending.put(await sending.link(upload_id, 1), b"more") == 404


async def test_ending_twice_at_once(sending: Sending) -> None:
    """Both are told that it stands."""
    upload_id, sizes = await sending.begin(), []
    await sending.send(upload_id, p1=FIRST, p2=LAST)

    async def finish() -> None:
        sizes.append(await sending.finish(upload_id))

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(finish)
    assert sizes == [len(FIRST + LAST)] * 3
    assert await sending.object() == FIRST + LAST
    assert await sending.under_way() == 0


async def test_a_part_that_is_sent_again(sending: Sending) -> None:
    """Replaces the one before."""
    upload_id = await sending.begin()
    await sending.send(upload_id, p1=SECOND, p2=b"older and longer")
    await sending.send(upload_id, p1=FIRST, p2=LAST)
    await sending.finish(upload_id)
    assert await sending.object() == FIRST + LAST


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "nothing has arrived"),
        ({"p1": FIRST, "p3": LAST}, "part 2 of 3 is missing"),
        ({"p2": LAST}, "part 1 of 2 is missing"),
        ({"p1": LAST, "p2": LAST}, "part 1 has 7 bytes"),
    ],
    ids=["none", "a gap", "the first", "a small one"],
)
async def test_parts_that_are_missing(sending: Sending, parts: dict[str, bytes], said: str) -> None:
    """Are told by their numbers, and can still be sent."""
    upload_id = await sending.begin()
    await sending.send(upload_id, **parts)
    with pytest.raises(BadInputError, match=said) as caught:
        await sending.finish(upload_id)
    assert caught.value.code is Code.UPLOAD_INCOMPLETE
    assert await sending.object() is None
    await sending.send(upload_id, p1=FIRST, p2=SECOND, p3=LAST)
    assert await sending.finish(upload_id) == len(FIRST + SECOND + LAST)


async def test_more_than_there_may_be(sending: Sending) -> None:
    """Does not become an object."""
    upload_id = await sending.begin()
    await sending.send(upload_id, p1=FIRST, p2=LAST)
    with pytest.raises(BadInputError, match=f"the limit is {len(FIRST):,}") as caught:
        await sending.finish(upload_id, max_bytes=len(FIRST))
    assert caught.value.code is Code.UPLOAD_TOO_LARGE
    assert await sending.object() is None


async def test_a_link_for_so_many_bytes(sending: Sending) -> None:
    """Takes neither more nor fewer, nor can it be told otherwise."""
    upload_id = await sending.begin()
    link = await sending.storage.presign_part(TARGET, upload_id, 1, expires_s=60, size_bytes=len(LAST))
    cut = link.replace(f"size={len(LAST)}&", "")
    for url, data in ((link, LAST + b"!"), (link, LAST[:-1]), (link, b""), (cut, LAST + b"!")):
        assert await sending.put(url, data) in {400, 403, 404, 413}, (url, data)
    with pytest.raises(BadInputError, match="nothing has arrived"):
        await sending.finish(upload_id)
    assert await sending.put(link, LAST) == 200
    assert await sending.finish(upload_id) == len(LAST)


async def test_an_upload_that_is_taken_back(sending: Sending) -> None:
    """Takes its parts with it; its links and its end come to nothing. Once more is as good."""
    upload_id = await sending.begin()
    await sending.send(upload_id, p1=FIRST)
    for _ in range(2):
        await sending.storage.abort_parts(TARGET, upload_id)
    assert await sending.under_way() == 0
    assert await sending.put(await sending.link(upload_id, 2), LAST) == 404
    with pytest.raises(BadInputError, match="taken back") as caught:
        await sending.finish(upload_id)
    assert caught.value.code is Code.UPLOAD_INCOMPLETE


async def test_an_upload_of_which_nobody_knows(sending: Sending) -> None:
    """Whatever its id looks like."""
    for upload_id in ("0" * 32, "none", "../../x"):
        with pytest.raises(OvenError):
            await sending.finish(upload_id)
        await sending.storage.abort_parts(TARGET, upload_id)


async def test_links_that_are_not_good(sending: Sending) -> None:
    """Expired, for another part, another upload or another object, or signed by somebody else."""
    upload_id, others = await sending.begin(), await sending.begin(OTHER)
    good = await sending.link(upload_id, 1)
    bad = [
        await sending.link(upload_id, 1, expires_s=0),
        good.replace(upload_id, others),
        good.replace("artNumber=1", "artNumber=2") if sending.s3 else good.replace("part=1", "part=2"),
        good.replace(TARGET.key.partition("/")[0], "elsewhere"),
        good.replace("xpires=", "xpires=9"),
        good[:-4] + "0000",
        good.partition("?")[0],
        (await sending.storage.presign(TARGET, expires_s=60)),
    ]
    assert good not in bad
    for url in bad:
        assert await sending.put(url, LAST) in {403, 404, 405}, url
    assert await sending.put(good, LAST) == 200
    await sending.finish(upload_id)
    assert await sending.object() == LAST


async def test_a_part_that_breaks_off(sending: Sending) -> None:
    """Leaves nothing; what stood there before it still does."""
    upload_id = await sending.begin()
    await sending.send(upload_id, p1=FIRST)
    parts = urlsplit(str(sending.client._build_url(await sending.link(upload_id, 1))))
    assert parts.hostname is not None
    assert parts.port is not None
    async with await anyio.connect_tcp(parts.hostname, parts.port) as stream:
        head = (
            f"PUT {parts.path}?{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Content-Length: 9999999",
        )
        await stream.send("\r\n".join((*head, "", "")).encode() + SECOND)
    assert await sending.finish(upload_id) == len(FIRST)
    assert await sending.object() == FIRST
    assert list(sending.root.rglob("*.part")) == []


async def test_what_nobody_waits_for_is_swept(sending: Sending) -> None:
    """What an asset waits for stays, with its parts."""
    waiting, abandoned = await sending.begin(), await sending.begin(OTHER)
    await sending.send(waiting, p1=LAST)

    async def is_abandoned(target: Target) -> bool:
        return target == OTHER

    assert await sending.storage.take_back(is_abandoned) == 1
    assert await sending.storage.take_back(is_abandoned) == 0
    assert await sending.put(await sending.link(abandoned, 1, OTHER), LAST) == 404
    assert await sending.finish(waiting) == len(LAST)
