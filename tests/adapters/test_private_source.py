"""Sources in a private bucket of the operator's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.adapters.private_source import PrivateSource
from oven.adapters.storage.s3 import S3Storage, open_s3
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from tests.faulty import FaultyStore, faulty_store
from tests.s3 import S3Server

BUCKET = "art-sources"
LIMIT = 1_000_000


@pytest.fixture
async def client(s3: S3Server) -> AsyncIterator[Any]:
    """A bucket with one private tape in it."""
    async with open_s3(s3.account()) as made:
        await made.create_bucket(Bucket=BUCKET)
        await made.put_object(Bucket=BUCKET, Key="auth0|1/a b.zip", Body=b"tape")
        yield made


def fetcher(s3: S3Server, client: Any) -> HttpFetcher:
    """A fetcher that may reach nothing private but that bucket."""
    storage = S3Storage(client=client, bucket=BUCKET, base_url="")
    private = PrivateSource(storage=storage, bucket=BUCKET, endpoint=s3.endpoint)
    egress = Egress(policy=EgressPolicy())
    return HttpFetcher(egress=egress, timeout_s=9, source_hosts=frozenset({"example.com"}), private=private)


async def fetch(made: HttpFetcher, url: str, into: Path, max_bytes: int = 99) -> bytes:
    made.check(url, "zipUrl")
    await made.fetch(
        url,
        into,
        label="the tape",
        max_bytes=max_bytes,
        timeout_s=None,
        may_be_private=True,
        report=lambda _: None,
    )
    return into.read_bytes()


async def test_it_is_read_with_its_own_key(s3: S3Server, client: Any, tmp_path: Path) -> None:
    """Whatever query the caller's URL has, and although the store is on a private network."""
    made = fetcher(s3, client)
    for url in ("auth0|1/a b.zip", "auth0%7C1/a%20b.zip?X-Amz-Signature=old"):
        assert await fetch(made, f"{s3.endpoint}/{BUCKET}/{url}", tmp_path / "f") == b"tape"


async def test_nothing_else_there_is(s3: S3Server, client: Any, tmp_path: Path) -> None:
    """Other buckets of the store are a stranger's URL as any other."""
    for url in (f"{s3.endpoint}/other/a.zip", f"{s3.endpoint}/"):
        with pytest.raises(BadInputError):
            await fetch(fetcher(s3, client), url, tmp_path / "f")


async def test_only_for_who_may(s3: S3Server, client: Any, tmp_path: Path) -> None:
    """Where a step does not say so, that bucket is a stranger's URL as any other: users import from URLs."""
    with pytest.raises(BadInputError):
        await fetcher(s3, client).fetch(
            f"{s3.endpoint}/{BUCKET}/auth0|1/a b.zip",
            tmp_path / "f",
            label="the video",
            max_bytes=99,
            timeout_s=None,
            report=lambda _: None,
        )


async def test_within_the_same_bounds(s3: S3Server, client: Any, tmp_path: Path) -> None:
    """A tape that is too large, or not there, is refused as any other."""
    made, url = fetcher(s3, client), f"{s3.endpoint}/{BUCKET}/"
    with pytest.raises(OvenError) as caught:
        await fetch(made, f"{url}auth0|1/a b.zip", tmp_path / "f", max_bytes=3)
    assert caught.value.code is Code.DOWNLOAD_TOO_LARGE
    with pytest.raises(OvenError) as caught:
        await fetch(made, f"{url}nothing.zip", tmp_path / "f")
    assert caught.value.code is Code.DOWNLOAD_REJECTED


async def test_it_is_gone_on_with(s3: S3Server, client: Any, tmp_path: Path) -> None:
    """A connection that breaks is followed by another, with a link of its own, for the rest."""
    tape = bytes(range(256)) * 400
    await client.put_object(Bucket=BUCKET, Key="long.zip", Body=tape)
    asked: list[tuple[str, str | None]] = []

    def half_first(store: FaultyStore) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            asked.append((request.raw_path, request.headers.get("Range")))
            answer = await store.handle(request)
            if len(asked) > 1:
                return answer
            half = web.StreamResponse(headers={**answer.headers, "Content-Length": str(len(tape))})
            await half.prepare(request)
            await half.write(tape[:50_000])
            assert request.transport is not None
            request.transport.close()
            return half

        return handle

    async with (
        faulty_store(s3.endpoint, half_first) as proxy,
        open_s3(replace(s3.account(), endpoint=proxy.base)) as near,
    ):
        storage = S3Storage(client=near, bucket=BUCKET, base_url="")
        made = HttpFetcher(
            egress=Egress(policy=EgressPolicy()),
            timeout_s=9,
            source_hosts=frozenset(),
            private=PrivateSource(storage=storage, bucket=BUCKET, endpoint=proxy.base),
            pauses_s=(0.0,),
        )
        assert await fetch(made, f"{proxy.base}/{BUCKET}/long.zip", tmp_path / "f", LIMIT) == tape
    assert [part is None for _, part in asked] == [True, False]
    assert all("X-Amz-Signature" in path for path, _ in asked)


async def test_a_wrong_key(s3: S3Server, client: Any, tmp_path: Path) -> None:
    """Is the operator's to mend: STORAGE_DENIED, not tried again."""
    del client
    async with open_s3(s3.account(secret_key="wrong")) as wrong:
        with pytest.raises(FaultError) as caught:
            await fetch(fetcher(s3, wrong), f"{s3.endpoint}/{BUCKET}/auth0|1/a b.zip", tmp_path / "f")
    assert caught.value.code is Code.STORAGE_DENIED
    assert "ART_SPACES_KEY" in caught.value.hint
