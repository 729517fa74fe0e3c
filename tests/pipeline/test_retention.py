"""What is kept of jobs that ended long ago."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.expiry import ExpiredJobTable
from oven.adapters.database.jobs import JobTable
from oven.adapters.storage.local import LocalStorage
from oven.domain.asset import AssetStatus
from oven.domain.errors import Code, TransientError
from oven.domain.job import JobState
from oven.pipeline import retention as module
from oven.pipeline.removals import Removals
from oven.pipeline.retention import Retention
from oven.recipes.steps import Target
from tests.adapters.database.test_expiry import artifact, end_job, run_again
from tests.contract.test_assets import asset
from tests.contract.test_jobs import new

DAY_MS, HOUR_MS = 86_400_000, 3_600_000


class Afar(LocalStorage):
    """Keeps objects as a bucket does, of which jobs may be forgotten."""

    def ends_with_jobs(self, target: Target) -> bool:  # noqa: ARG002 - as the port has it
        return False


def retention(
    database: Database, folder: Path, now_ms: int, store: Callable[..., LocalStorage] = LocalStorage
) -> Retention:
    return Retention(
        jobs=ExpiredJobTable(database=database),
        assets=AssetTable(database=database),
        storage=store(buckets={"b": folder}, private=folder / "private"),
        removals=Removals(),
        keep_ms=30 * DAY_MS,
        now_ms=lambda: now_ms,
    )


async def test_what_is_over_goes_with_its_files(tmp_path: Path) -> None:
    """Not a day before; others' files stay."""
    out = tmp_path / "out"
    out.mkdir()
    for name in ("old", "young"):
        (out / name).write_bytes(b"x")
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "old", now_ms=0)
        await end_job(database, "young", now_ms=2 * DAY_MS)
        assert await retention(database, out, 30 * DAY_MS).sweep() == 0
        assert await retention(database, out, 31 * DAY_MS).sweep() == 1
        assert [file.name for file in out.iterdir()] == ["young"]
        assert await retention(database, out, 31 * DAY_MS).sweep() == 0


async def test_results_of_exports_in_a_bucket(tmp_path: Path) -> None:
    """Go with their jobs, too; those of bakes stay there, for they have addresses of their own."""
    async with open_database(tmp_path / "data") as database:
        for name, kind in (("film", "export"), ("tape", "bake")):
            (tmp_path / name).write_bytes(b"x")
            await end_job(database, name, now_ms=0, kind=kind)
        assert await retention(database, tmp_path, 31 * DAY_MS, Afar).sweep() == 2
        assert not (tmp_path / "film").exists()
        assert (tmp_path / "tape").exists()


async def test_what_exports_had_made_by_halves(tmp_path: Path) -> None:
    """Goes an hour after they failed or were cancelled, wherever it is; the jobs stay, and are told of."""
    async with open_database(tmp_path / "data") as database:
        for state in (JobState.FAILED, JobState.CANCELLED, JobState.DONE):
            (tmp_path / state).write_bytes(b"x")
            await end_job(database, state, now_ms=0, kind="export", state=state)
        assert await retention(database, tmp_path, HOUR_MS, Afar).drop_half_made() == 0
        assert await retention(database, tmp_path, HOUR_MS + 1, Afar).drop_half_made() == 2
        assert {path.name for path in tmp_path.iterdir()} == {"data", "done"}
        assert await retention(database, tmp_path, HOUR_MS + 1, Afar).drop_half_made() == 0
        assert await JobTable(database=database).counts() == dict.fromkeys(("failed", "cancelled", "done"), 1)


async def test_results_that_have_a_time(tmp_path: Path) -> None:
    """Go when it is over, wherever they are; their jobs stay, and are told of."""
    (tmp_path / "short").write_bytes(b"x")
    (tmp_path / "stuck").mkdir()
    async with open_database(tmp_path / "data") as database:
        for name in ("short", "stuck", "gone"):
            await end_job(database, name, now_ms=0, kind="short", lifetime_s=86_400)
        assert await retention(database, tmp_path, DAY_MS - 1, Afar).drop_expired() == 0
        assert await retention(database, tmp_path, DAY_MS, Afar).drop_expired() == 2
        assert {path.name for path in tmp_path.iterdir()} == {"data", "stuck"}
        # What could not be removed is tried again.
        (tmp_path / "stuck").rmdir()
        (tmp_path / "stuck").write_bytes(b"x")
        assert await retention(database, tmp_path, DAY_MS, Afar).drop_expired() == 1
        assert await JobTable(database=database).counts() == {JobState.DONE: 3}
        assert await retention(database, tmp_path, 31 * DAY_MS, Afar).sweep() == 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Afar):
    """Takes its time with removing, and lets others do something in between."""

    begun: anyio.Event = field(default_factory=anyio.Event)
    go_on: anyio.Event = field(default_factory=anyio.Event)

    async def delete(self, target: Target) -> None:
        self.begun.set()
        await self.go_on.wait()
        # Without the arguments, for the class was made anew with its slots.
        await LocalStorage.delete(self, target)


async def test_a_result_that_is_made_again_while_it_goes(tmp_path: Path) -> None:
    """Appears after that, and stays: who publishes waits for who removes."""
    film = tmp_path / "short"
    film.write_bytes(b"old")
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "short", now_ms=0, kind="short", lifetime_s=1)
        kept = retention(database, tmp_path, 1_000, Slow)
        assert isinstance(kept.storage, Slow)
        async with anyio.create_task_group() as group:
            group.start_soon(kept.drop_expired)
            await kept.storage.begun.wait()
            await run_again(database, "short", now_ms=1_000, state=None)

            async def publish() -> None:
                await kept.removals.over(Target("b", "short"))
                film.write_bytes(b"new")

            group.start_soon(publish)
            await anyio.wait_all_tasks_blocked()
            assert film.read_bytes() == b"old"
            kept.storage.go_on.set()
        assert film.read_bytes() == b"new"
        assert await ExpiredJobTable(database=database).last_objects("short") == [
            (Target("b", "short"), True)
        ]
        # Nor does it go while its run lasts.
        assert await kept.drop_expired() == 0
        assert film.exists()


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
async def test_a_result_that_is_made_again_before_its_turn(tmp_path: Path, state: JobState) -> None:
    """Stays, although it was listed: its job is looked at again."""
    for name in ("first", "second"):
        (tmp_path / name).write_bytes(b"x")
    async with open_database(tmp_path / "data") as database:
        for name in ("first", "second"):
            await end_job(database, name, now_ms=0, kind="short", state=state, lifetime_s=1)
        kept = retention(database, tmp_path, 2 * HOUR_MS, Slow)
        assert isinstance(kept.storage, Slow)
        async with anyio.create_task_group() as group:
            group.start_soon(kept.drop_expired if state is JobState.DONE else kept.drop_half_made)
            await kept.storage.begun.wait()
            for name in ("first", "second"):
                await run_again(database, name, now_ms=2 * HOUR_MS, lifetime_s=9)
            kept.storage.go_on.set()
        # One was on its way out, and in truth would have been published after that.
        assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 1


async def test_what_a_later_job_has_reused(tmp_path: Path) -> None:
    """Stays when the earlier job goes, and goes with the later one."""
    (tmp_path / "tape").write_bytes(b"x")
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "earlier", now_ms=0, key="tape")
        await end_job(database, "later", now_ms=2 * DAY_MS, key="tape")
        assert await retention(database, tmp_path, 31 * DAY_MS).sweep() == 1
        assert (tmp_path / "tape").exists()
        assert await retention(database, tmp_path, 33 * DAY_MS).sweep() == 1
        assert not (tmp_path / "tape").exists()


async def test_what_is_reused_while_its_job_goes(tmp_path: Path) -> None:
    """Stays, although its job's objects were listed before."""
    made = (artifact("one"), replace(artifact("two"), name="thumbnail"))
    for each in made:
        (tmp_path / each.target.key).write_bytes(b"x")
    async with open_database(tmp_path / "data") as database:
        jobs = JobTable(database=database)
        await end_job(database, "earlier", now_ms=0, kind="export", artifacts=made)
        await jobs.submit(replace(new("later"), kind="export"), now_ms=0, queue_limit=9)
        assert await jobs.claim("token", now_ms=0, lease_ms=9) is not None
        kept = retention(database, tmp_path, 31 * DAY_MS, Slow)
        assert isinstance(kept.storage, Slow)
        async with anyio.create_task_group() as group:
            group.start_soon(kept.sweep)
            await kept.storage.begun.wait()
            for each in made:
                assert await jobs.begin_publishing("later", "token", each)
            kept.storage.go_on.set()
    # One was on its way out: who publishes it waits for that, and finds that it is gone.
    assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing(Afar):
    """Cannot remove some objects just now."""

    failing: frozenset[str]
    asked: list[str] = field(default_factory=list)

    async def delete(self, target: Target) -> None:
        self.asked.append(target.key)
        if target.key in self.failing:
            raise TransientError(Code.UPLOAD_FAILED, "the store is busy")
        await LocalStorage.delete(self, target)

    async def take_back(self, is_abandoned: object) -> int:  # noqa: ARG002 - as the port has it
        raise KeyError("what no store should answer")


@pytest.mark.parametrize(("count", "asked"), [(2, 4), (4, 3)])
async def test_a_store_that_removes_but_some(tmp_path: Path, count: int, asked: int) -> None:
    """Removes the others; of one that removes none no more is asked than it takes to see that."""
    names = ["a", "b", "c", "d"]
    async with open_database(tmp_path / "data") as database:
        for name in names:
            await end_job(database, name, now_ms=0, kind="short", lifetime_s=1)
        store = partial(Failing, failing=frozenset(names[:count]))
        kept = retention(database, tmp_path, 1_000, store)
        assert isinstance(kept.storage, Failing)
        with nullcontext() if count < 3 else pytest.raises(TransientError):
            assert await kept.drop_expired() == 4 - count
        assert len(kept.storage.asked) == asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept(Afar):
    """Knows when a sweep is over."""

    over: anyio.Event = field(default_factory=anyio.Event)

    async def take_back(self, is_abandoned: object) -> int:  # noqa: ARG002 - as the port has it
        self.over.set()
        return 0


async def test_a_clock_that_is_put_forward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not believed before it has held until the next sweep: what went by it would not come back."""
    monkeypatch.setattr(module, "EVERY_S", 0.05)
    store, looks = Swept(buckets={"b": tmp_path}), iter((0,))

    def clock() -> int:
        """Tell 0 until the first sweep is over, and once more when the wait for the next one begins."""
        return next(looks, HOUR_MS) if store.over.is_set() else 0

    (tmp_path / "short").write_bytes(b"x")
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "short", now_ms=0, kind="short", lifetime_s=3_600)
        kept = replace(retention(database, tmp_path, 0), now_ms=clock, storage=store)
        with capture_logs() as told:
            async with anyio.create_task_group() as group:
                group.start_soon(kept.run)
                with anyio.fail_after(20):
                    while len(told) < 2:
                        await anyio.sleep(0.01)
                group.cancel_scope.cancel()
    assert [line["event"] for line in told] == ["clock_moved", "results_expired"]
    assert not (tmp_path / "short").exists()


async def test_what_stands_in_the_way_of_one_kind(tmp_path: Path) -> None:
    """Is not in that of the others; nor does what nobody foresaw end the sweeps."""
    async with open_database(tmp_path / "data") as database:
        for name in ("a", "b", "c"):
            await end_job(database, name, now_ms=31 * DAY_MS, kind="short", lifetime_s=1)
        await end_job(database, "old", now_ms=0)
        store = partial(Failing, failing=frozenset("abc"))
        kept = retention(database, tmp_path, 32 * DAY_MS, store)
        async with anyio.create_task_group() as group:
            group.start_soon(kept.run)
            with anyio.fail_after(20):
                while await JobTable(database=database).get("old") is not None:
                    await anyio.sleep(0.01)
            await anyio.wait_all_tasks_blocked()
            assert group.cancel_scope.cancel_called is False
            group.cancel_scope.cancel()


async def test_files_that_are_gone_already(tmp_path: Path) -> None:
    """Are no reason to keep their job: a sweep that was killed in between is finished by the next."""
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "old", now_ms=0)
        assert await retention(database, tmp_path, 31 * DAY_MS).sweep() == 1


async def test_a_file_that_cannot_be_removed(tmp_path: Path) -> None:
    """Keeps its job, so that the next sweep tries again; the others go."""
    (tmp_path / "old").mkdir()
    async with open_database(tmp_path / "data") as database:
        await end_job(database, "old", now_ms=0)
        await end_job(database, "older", now_ms=-1)
        await end_job(database, "also old", now_ms=1)
        assert await retention(database, tmp_path, 31 * DAY_MS).sweep() == 2
        assert await ExpiredJobTable(database=database).last_objects("old") == [(Target("b", "old"), False)]


async def test_a_deleted_asset_goes_with_its_objects(tmp_path: Path) -> None:
    """After the same time; not while something brings it, and not where an object cannot be removed."""
    out = tmp_path / "out"
    out.mkdir()
    async with open_database(tmp_path / "data") as database:
        table = AssetTable(database=database)
        for name in ("a1", "a2", "stuck"):
            await table.add(asset(name, key=name), now_ms=0)
            await table.delete(name, owner=None, now_ms=DAY_MS if name == "a2" else 0)
            (out / name).mkdir() if name == "stuck" else (out / name).write_bytes(b"x")
        assert await retention(database, out, 30 * DAY_MS).purge() == 0
        assert await retention(database, out, 30 * DAY_MS + 1).purge() == 1
        assert sorted(file.name for file in out.iterdir()) == ["a2", "stuck"]
        assert [each.id for each in await table.purgeable(before_ms=1, limit=9)] == ["stuck"]


async def test_an_asset_that_failed_goes_as_its_job_does(tmp_path: Path) -> None:
    """With whatever of it had been stored."""
    async with open_database(tmp_path / "data") as database:
        table = AssetTable(database=database)
        await table.add(asset("a1", key="a1", status=AssetStatus.FAILED), now_ms=0)
        await table.add(asset("a2", key="a2", status=AssetStatus.READY), now_ms=0)
        (tmp_path / "a1").write_bytes(b"x")
        assert await retention(database, tmp_path, 30 * DAY_MS).purge() == 0
        assert await retention(database, tmp_path, 30 * DAY_MS + 1).purge() == 1
        assert not (tmp_path / "a1").exists()
        assert await table.get("a1", owner=None) is None
        assert await table.get("a2", owner=None) is not None


async def test_uploads_that_nobody_completes(tmp_path: Path) -> None:
    """Are given up after a day, or as soon as their asset was deleted; their parts go."""
    async with open_database(tmp_path / "data") as database:
        table = AssetTable(database=database)
        kept = retention(database, tmp_path, DAY_MS + 1)
        target = Target("b", "k")
        for name, now_ms in (("old", 0), ("young", 2), ("deleted", 2)):
            upload = await kept.storage.begin_parts(target, content_type="video/mp4")
            new = asset(name, key="k", status=AssetStatus.PENDING_UPLOAD, upload=upload)
            await table.add(new, now_ms=now_ms)
        await table.delete("deleted", owner=None, now_ms=3)
        assert await kept.give_up_uploads() == 2
        assert await kept.give_up_uploads() == 0
        old = await table.get("old", owner=None)
        assert old is not None
        assert (old.status, (old.error or {})["code"]) == (AssetStatus.FAILED, Code.UPLOAD_EXPIRED)
        young = await table.get("young", owner=None)
        assert young is not None
        assert young.status is AssetStatus.PENDING_UPLOAD
