"""What users may do with their assets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from oven.adapters.database.assets import AssetTable
from oven.adapters.storage.local import LocalStorage
from oven.adapters.storage.router import StorageRouter
from oven.domain.asset import AssetType
from oven.domain.errors import Code, ConflictError, NotFoundError
from oven.domain.job import JobState, NewJob
from oven.pipeline.assets import AssetEdit
from oven.pipeline.library import Library
from oven.pipeline.service import Service
from oven.recipes.ingest_request import IngestRequest
from oven.recipes.steps import Target
from tests.contract.test_assets import asset


@asynccontextmanager
async def library(service: Service, folder: Path) -> AsyncIterator[Library]:
    jobs = service.jobs
    yield Library(
        assets=AssetTable(database=jobs.database),  # type: ignore[attr-defined]
        service=service,
        storage=LocalStorage(buckets={"b": folder}, base_url="https://oven.example/files", link_key=b"k"),
        now_ms=lambda: 5,
    )


def job() -> NewJob:
    new = asset()
    request = IngestRequest(
        asset_id=new.id,
        type=AssetType.VIDEO,
        target=Target("b", new.key),
        thumbnails="media/alice/a1/",
        url="x",
    )
    return NewJob(
        id="j1",
        kind="import",
        owner="alice",
        identity="i",
        output_key="",
        request=request.as_json(),
        asset=new,
    )


async def test_another_users_is_not_there(service: Service, tmp_path: Path) -> None:
    """Whatever one would do with it."""
    await service.submit(job())
    async with library(service, tmp_path) as mine:
        assert (await mine.get("a1", owner="alice")).name == "Sunset.mp4"
        for owner, asset_id in (("bob", "a1"), ("alice", "a2")):
            with pytest.raises(NotFoundError):
                await mine.get(asset_id, owner=owner)
            with pytest.raises(NotFoundError):
                await mine.edit(asset_id, AssetEdit(name="x"), owner=owner)
            with pytest.raises(NotFoundError):
                await mine.delete(asset_id, owner=owner)


async def test_deleting_ends_what_brings_it(service: Service, tmp_path: Path) -> None:
    """Its job is cancelled; one that has ended already is no reason to complain."""
    await service.submit(job())
    async with library(service, tmp_path) as mine:
        await mine.delete("a1", owner="alice")
        assert (await service.get("j1", owner=None)).state is JobState.CANCELLED
        with pytest.raises(NotFoundError):
            await mine.delete("a1", owner="alice")


async def test_what_waits_for_no_upload(service: Service, tmp_path: Path) -> None:
    """Is told apart from what is not there."""
    await service.submit(job())
    async with library(service, tmp_path) as mine:
        with pytest.raises(ConflictError) as refused:
            await mine.pending("a1", owner="alice")
    assert refused.value.code is Code.ASSET_CONFLICT


async def test_links_last_an_hour(service: Service, tmp_path: Path) -> None:
    """And give the file the asset's name."""
    await service.submit(job())
    async with library(service, tmp_path) as mine:
        found = await mine.get("a1", owner="alice")
        link = await mine.link(found, found.key, filename=found.name)
    assert "expires=3600" in link
    assert "filename=Sunset.mp4" in link


async def test_a_bucket_that_is_not_there_any_more(service: Service, tmp_path: Path) -> None:
    """Gives no address; nobody is kept from seeing what they have."""
    async with library(service, tmp_path) as found:
        kept = await found.assets.add(replace(asset("a9"), bucket="renamed"), now_ms=0)
        gone = replace(found, storage=StorageRouter(stores={}))
        with capture_logs() as told:
            assert await gone.link(kept, kept.key) == ""
        assert [(line["event"], line["code"]) for line in told] == [("link_missing", Code.STORAGE_DENIED)]
