"""What every table of assets promises, run on each implementation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.jobs import JobTable
from oven.domain.asset import MAX_METADATA_BYTES, Asset, AssetChange, AssetStatus, AssetType, NewAsset
from oven.domain.errors import BadInputError, Code, ConflictError, TransientError
from oven.domain.job import Acceptance, Accepted, JobState, NewJob
from oven.pipeline.assets import AssetEdit, AssetFilter
from oven.recipes.plan import Artifact, Outcome
from oven.recipes.steps import Target

READY = AssetChange(
    id="a1",
    status=AssetStatus.READY,
    size_bytes=7,
    checksum="c",
    thumbnail_key="t",
    facts={"width": 64},
)
DONE = Outcome(state=JobState.DONE, result={}, asset=READY)
GONE = BadInputError(Code.DOWNLOAD_REJECTED, "the host answered 404")
FAILED = Outcome(
    state=JobState.FAILED,
    error=GONE,
    asset=AssetChange(id="a1", status=AssetStatus.FAILED, error=GONE.as_json()),
)
ALL = AssetFilter()


@dataclass(frozen=True)
class Tables:
    jobs: JobTable
    assets: AssetTable
    expired: ExpiredJobTable

    async def submit(self, new: NewJob, *, limit: int = 100) -> Accepted:
        return await self.jobs.submit(new, now_ms=5, queue_limit=limit)

    async def found(self, asset_id: str = "a1") -> Asset:
        asset = await self.assets.get(asset_id, owner=None)
        assert asset is not None
        return asset

    async def listed(self, wanted: AssetFilter = ALL, *, owner: str | None = None) -> list[str]:
        return [asset.id for asset in await self.assets.page(wanted, owner=owner, limit=50)]


@pytest.fixture
async def tables(tmp_path: Path) -> AsyncIterator[Tables]:
    async with open_database(tmp_path) as database:
        yield Tables(
            JobTable(database=database), AssetTable(database=database), ExpiredJobTable(database=database)
        )


def asset(asset_id: str = "a1", **changes: object) -> NewAsset:
    new = NewAsset(
        id=asset_id,
        owner="alice",
        type=AssetType.VIDEO,
        name="Sunset.mp4",
        status=AssetStatus.UPLOADING,
        bucket="b",
        key=f"media/alice/{asset_id}/original.mp4",
        metadata={"prompt": "x", "width": 1},
        facts={"source_url": "https://h/v.mp4"},
        folder_id="f",
        tags=("sky", "sea"),
    )
    return replace(new, **changes)  # type: ignore[arg-type]


def job(job_id: str = "j1", new: NewAsset | None = None) -> NewJob:
    new = new or asset()
    return NewJob(
        id=job_id,
        kind="import",
        owner=new.owner,
        identity=job_id,
        output_key=f"{new.bucket}/{new.key}",
        request={"asset_id": new.id},
        asset=new,
    )


async def test_an_asset_is_there_with_its_job(tables: Tables) -> None:
    """As it was announced, whoever looks for it may see it."""
    await tables.submit(job())
    found = await tables.found()
    assert (found.status, found.job_id, found.name) == (AssetStatus.UPLOADING, "j1", "Sunset.mp4")
    assert (found.tags, found.folder_id, found.created_ms) == (("sky", "sea"), "f", 5)
    assert await tables.assets.get("a1", owner="alice") == found
    assert await tables.assets.get("a1", owner="bob") is None
    assert await tables.assets.get("other", owner=None) is None


async def test_no_job_no_asset(tables: Tables) -> None:
    """What the queue has no place for is not announced; of several, none."""
    with pytest.raises(TransientError):
        await tables.submit(job(), limit=0)
    with pytest.raises(TransientError):
        await tables.jobs.submit_all([job(), job("j2", asset("a2"))], now_ms=5, queue_limit=1)
    assert await tables.listed() == []
    assert len(await tables.jobs.submit_all([job(), job("j2", asset("a2"))], now_ms=5, queue_limit=2)) == 2


async def test_the_end_of_a_job_is_its_assets(tables: Tables) -> None:
    """What was found wins over what the caller said; the instant stands beside."""
    await tables.submit(job())
    await tables.jobs.end("j1", DONE, now_ms=1_000)
    found = await tables.found()
    assert (found.status, found.size_bytes, found.checksum) == (AssetStatus.READY, 7, "c")
    assert found.facts == {
        "source_url": "https://h/v.mp4",
        "width": 64,
        "imported_at": "1970-01-01T00:00:01.000Z",
    }
    assert found.metadata == {"prompt": "x", "width": 1}
    assert found.keys == ["media/alice/a1/original.mp4", "t"]


async def test_a_failure_takes_nothing_away(tables: Tables) -> None:
    """One that is there stays, when its job runs once more and fails."""
    await tables.submit(job())
    await tables.jobs.end("j1", DONE, now_ms=6)
    await tables.jobs.rerun("j1", now_ms=7, queue_limit=9)
    assert (await tables.found()).status is AssetStatus.READY
    await tables.jobs.end("j1", FAILED, now_ms=8)
    assert (await tables.found()).status is AssetStatus.READY


async def test_a_next_run_opens_the_asset_again(tables: Tables) -> None:
    """One that failed is on its way, without its error."""
    await tables.submit(job())
    await tables.jobs.end("j1", FAILED, now_ms=6)
    failed = await tables.found()
    assert (failed.status, failed.error and failed.error["code"]) == (
        AssetStatus.FAILED,
        Code.DOWNLOAD_REJECTED,
    )
    await tables.jobs.rerun("j1", now_ms=7, queue_limit=9)
    again = await tables.found()
    assert (again.status, again.error) == (AssetStatus.UPLOADING, None)


async def test_an_id_of_the_callers(tables: Tables) -> None:
    """Gives the job that brings it; one that failed is brought anew; another's cannot be had."""
    await tables.submit(job())
    assert await tables.submit(job("j2")) == (await tables.jobs.get("j1"), Acceptance.REPEAT)
    with pytest.raises(ConflictError) as refused:
        await tables.submit(job("j3", asset(owner="bob")))
    assert refused.value.code is Code.ASSET_CONFLICT
    await tables.jobs.end("j1", FAILED, now_ms=6)
    assert (await tables.submit(job("j4", asset(name="Again", tags=("new",))))).how is Acceptance.NEW
    found = await tables.found()
    assert (found.status, found.job_id, found.name, found.tags) == (
        AssetStatus.UPLOADING,
        "j4",
        "Again",
        ("new",),
    )
    assert await tables.listed(AssetFilter(tags=["sky"])) == []


async def test_pages_and_filters(tables: Tables) -> None:
    """Newest first; each filter narrows; a page begins after the last of the one before."""
    rows: dict[str, dict[str, object]] = {
        "a1": {},
        "a2": {"type": AssetType.AUDIO, "name": "50% Ölmühle", "tags": ("sky",), "folder_id": None},
        "a3": {"owner": "bob", "tags": ()},
    }
    for number, (asset_id, changes) in enumerate(rows.items()):
        new = job(f"j{number}", asset(asset_id, **changes))
        await tables.jobs.submit(new, now_ms=number // 2, queue_limit=9)
    await tables.jobs.end("j0", DONE, now_ms=9)
    assert await tables.listed() == ["a3", "a2", "a1"]
    assert await tables.listed(owner="alice") == ["a2", "a1"]
    assert await tables.listed(AssetFilter(types=[AssetType.AUDIO])) == ["a2"]
    assert await tables.listed(AssetFilter(statuses=[AssetStatus.READY, AssetStatus.FAILED])) == ["a1"]
    assert await tables.listed(AssetFilter(tags=["sky"])) == ["a2", "a1"]
    assert await tables.listed(AssetFilter(tags=["sky", "sea"])) == ["a1"]
    assert await tables.listed(AssetFilter(folder_id="f")) == ["a3", "a1"]
    assert await tables.listed(AssetFilter(folder_id="")) == ["a2"]
    assert await tables.listed(AssetFilter(text="SUN")) == ["a3", "a1"]
    assert await tables.listed(AssetFilter(text="0%")) == ["a2"]
    assert await tables.listed(AssetFilter(text="% öLMÜ")) == ["a2"]
    assert await tables.listed(AssetFilter(text="_")) == []
    assert await tables.listed(AssetFilter(text="ÖLMÜ")) == ["a2"]
    first = await tables.assets.page(ALL, owner=None, limit=2)
    rest = await tables.assets.page(ALL, owner=None, before=(first[-1].created_ms, first[-1].id), limit=2)
    assert [each.id for each in rest] == ["a1"]


async def test_what_is_edited(tables: Tables) -> None:
    """And nothing else; None in metadata takes a member away."""
    await tables.submit(job())
    edit = AssetEdit(name="New", folder_id="", tags=("x",), metadata={"prompt": None, "rating": 5})
    edited = await tables.assets.edit("a1", edit, owner="alice", now_ms=9)
    assert edited is not None
    assert (edited.name, edited.folder_id, edited.tags) == ("New", None, ("x",))
    assert (edited.metadata, edited.updated_ms) == ({"width": 1, "rating": 5}, 9)
    assert await tables.assets.edit("a1", AssetEdit(), owner="alice", now_ms=9) == edited
    assert await tables.listed(AssetFilter(tags=["x"])) == ["a1"]
    assert await tables.assets.edit("a1", edit, owner="bob", now_ms=9) is None


async def test_what_is_deleted(tables: Tables) -> None:
    """Is found no more, has no next run, and may be purged once no job brings it."""
    await tables.submit(job())
    assert await tables.assets.delete("a1", owner="bob", now_ms=9) is None
    assert await tables.assets.delete("a1", owner="alice", now_ms=9) is not None
    assert await tables.assets.delete("a1", owner="alice", now_ms=10) is None
    assert await tables.assets.get("a1", owner="alice") is None
    assert await tables.listed() == []
    assert await tables.assets.purgeable(before_ms=99, limit=9) == []
    await tables.jobs.end("j1", FAILED, now_ms=11)
    with pytest.raises(ConflictError):
        await tables.jobs.rerun("j1", now_ms=12, queue_limit=9)
    with pytest.raises(ConflictError):
        await tables.submit(job("j2"))
    assert await tables.assets.purgeable(before_ms=9, limit=9) == []
    assert await tables.assets.purgeable(before_ms=10, limit=9, skip=["a1"]) == []
    assert [each.id for each in await tables.assets.purgeable(before_ms=10, limit=9)] == ["a1"]
    assert not await tables.assets.forget("a1", before_ms=9)
    assert await tables.assets.forget("a1", before_ms=10)
    assert await tables.assets.purgeable(before_ms=10, limit=9) == []


async def test_one_that_is_brought_again_is_not_forgotten(tables: Tables) -> None:
    """Although it had failed long ago, when somebody looked."""
    await tables.submit(job())
    await tables.jobs.end("j1", FAILED, now_ms=6)
    assert [each.id for each in await tables.assets.purgeable(before_ms=9, limit=9)] == ["a1"]
    await tables.submit(job("j2"))
    assert not await tables.assets.forget("a1", before_ms=9)
    assert (await tables.found()).job_id == "j2"


async def test_an_asset_is_its_latest_jobs(tables: Tables) -> None:
    """An earlier one that has failed has no next run, and changes nothing, once another brings the asset."""
    await tables.submit(job())
    await tables.jobs.end("j1", FAILED, now_ms=6)
    await tables.submit(job("j2"))
    with pytest.raises(ConflictError) as refused:
        await tables.jobs.rerun("j1", now_ms=7, queue_limit=9)
    assert (refused.value.code, "j2" in refused.value.hint) == (Code.ASSET_CONFLICT, True)
    await tables.submit(replace(job("j3"), asset=None))
    await tables.jobs.end("j3", DONE, now_ms=8)
    assert (await tables.found()).status is AssetStatus.UPLOADING


async def test_metadata_does_not_grow_without_end(tables: Tables) -> None:
    """However small each change is."""
    await tables.submit(job())
    half = "x" * (MAX_METADATA_BYTES // 2)
    await tables.assets.edit("a1", AssetEdit(metadata={"one": half}), owner=None, now_ms=9)
    with pytest.raises(BadInputError) as refused:
        await tables.assets.edit("a1", AssetEdit(metadata={"two": half}), owner=None, now_ms=9)
    assert refused.value.code is Code.FIELD_INVALID
    assert await tables.assets.edit(
        "a1", AssetEdit(metadata={"one": None, "two": half}), owner=None, now_ms=9
    )


async def test_an_asset_outlasts_its_job(tables: Tables) -> None:
    """Its objects are none of those that go with the job."""
    original = Artifact(
        name="original", target=Target("b", "k"), content_type="video/mp4", is_public=False, size_bytes=7
    )
    await tables.submit(job())
    await tables.jobs.end("j1", replace(DONE, artifacts=(original,)), now_ms=6)
    assert await tables.expired.last_objects("j1") == []
    assert await tables.expired.forget("j1", before_ms=99)
    assert (await tables.found()).status is AssetStatus.READY
    with pytest.raises(ConflictError):
        await tables.submit(job("j2"))


async def test_a_job_whose_asset_another_brings(tables: Tables) -> None:
    """Has no next run: the asset would be told what that has brought, under the other's key."""
    await tables.submit(job())
    await tables.jobs.end("j1", FAILED, now_ms=6)
    await tables.submit(job("j2", asset(key="media/alice/a1/original.mov")))
    for _ in range(2):
        with pytest.raises(ConflictError) as refused:
            await tables.jobs.rerun("j1", now_ms=7, queue_limit=9)
        assert refused.value.code is Code.ASSET_CONFLICT
        await tables.jobs.end("j2", DONE, now_ms=8)
    assert (await tables.found()).job_id == "j2"


async def test_a_job_whose_asset_is_gone(tables: Tables) -> None:
    """Has no next run, which would store what nobody could find, or delete."""
    await tables.submit(job())
    await tables.jobs.end("j1", FAILED, now_ms=6)
    assert await tables.assets.forget("a1", before_ms=9)
    with pytest.raises(ConflictError):
        await tables.jobs.rerun("j1", now_ms=7, queue_limit=9)


async def test_objects_of_an_asset_that_was_brought_again(tables: Tables) -> None:
    """They are its own, though they are the last of the first job, which had failed later."""
    original = Artifact(
        name="original", target=Target("b", "k"), content_type="video/mp4", is_public=False, size_bytes=7
    )
    for job_id, outcome in (("j1", FAILED), ("j2", DONE)):
        await tables.submit(job(job_id))
        await tables.jobs.claim(job_id, now_ms=6, lease_ms=9)
        assert await tables.jobs.begin_publishing(job_id, job_id, original)
        await tables.jobs.finish(job_id, job_id, outcome, now_ms=6)
    assert await tables.expired.forget("j2", before_ms=99)
    assert await tables.expired.last_objects("j1") == []


async def test_an_asset_that_no_job_brings_yet(tables: Tables) -> None:
    """Is there as announced; its id is had once."""
    pending = asset(status=AssetStatus.PENDING_UPLOAD, upload="u")
    added = await tables.assets.add(pending, now_ms=3)
    assert (added.status, added.upload, added.job_id) == (AssetStatus.PENDING_UPLOAD, "u", "")
    with pytest.raises(ConflictError):
        await tables.assets.add(pending, now_ms=3)
