"""What is kept of jobs that ended long ago, and of assets that were deleted long ago: nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
import structlog

from oven.domain.asset import AssetChange, AssetStatus
from oven.domain.errors import BadInputError, Code, OvenError, TransientError
from oven.pipeline.assets import Assets
from oven.pipeline.jobs import ExpiredJobs
from oven.pipeline.library import EXPIRES_S, UPLOAD_S
from oven.pipeline.removals import Removals
from oven.pipeline.storage import Storage
from oven.recipes.steps import Target

EVERY_S = 600.0
AT_ONCE = 100
# A machine that is as busy as that is late, or was asleep.
MOVED_MS = 300_000
# As long as the links for its parts are good.
UPLOAD_MS = UPLOAD_S * 1_000
# What stands in the way of one object may not be in that of the next; of so many it is.
MOST_FAILURES = 3
TOO_LATE = BadInputError(
    Code.UPLOAD_EXPIRED, "the upload was not completed within a day", hint="Begin another one."
)
log = structlog.get_logger("oven.retention")


@dataclass(slots=True)
class _Patience:
    """How many objects a store may still fail to remove before it is left alone until the next sweep."""

    left: int = MOST_FAILURES

    def bear(self, error: OvenError) -> None:
        """Let a failure pass: a fault is one object's own, and of others there may be some.

        Raises:
            TransientError: there were too many.

        """
        if isinstance(error, TransientError):
            self.left -= 1
            if self.left <= 0:
                raise error


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Removes jobs whose time is over, and what only they made.

    That is: where the store is this machine's, and, wherever it is, what nobody reaches but by its job.
    Results that have a time of their own go when that is over.
    Of assets that were deleted as long ago it removes the objects, wherever they are.
    """

    jobs: ExpiredJobs
    assets: Assets
    storage: Storage
    removals: Removals
    keep_ms: int
    now_ms: Callable[[], int]

    async def run(self) -> None:
        """Sweep now, then every ten minutes, until cancelled; later where the clock was put forward."""
        while True:
            for event, remove in (
                ("results_expired", self.drop_expired),
                ("jobs_expired", self.sweep),
                ("half_made_dropped", self.drop_half_made),
                ("assets_purged", self.purge),
                ("uploads_given_up", self.give_up_uploads),
                ("uploads_taken_back", self._take_back),
            ):
                await self._carry_out(event, remove)
            while await self._is_moved():
                pass

    async def _is_moved(self) -> bool:
        """Wait for the next sweep → whether the clock was set meanwhile.

        It may be set back soon, and what was removed by it would not come back: it has to hold for a while.
        """
        before_ms = self.now_ms()
        await anyio.sleep(EVERY_S)
        moved_ms = self.now_ms() - before_ms - EVERY_S * 1_000
        if moved_ms < MOVED_MS:
            return False
        log.warning("clock_moved", seconds=round(moved_ms / 1_000))
        return True

    async def _carry_out(self, event: str, remove: Callable[[], Awaitable[int]]) -> None:
        """Remove what is over of one kind; whatever stands in the way of one is not in that of the others."""
        try:
            if count := await remove():
                log.info(event, count=count)
        except OvenError as error:
            # A full disk, for instance, is told by /health, too.
            log.warning("sweep_failed", code=error.code, message=error.message, detail=error.detail)
        except Exception:
            # Such as an answer that no store should give: it ends neither this nor the daemon.
            log.exception("sweep_crashed", removing=event)

    async def _take_back(self) -> int:
        return await self.storage.take_back(self.jobs.is_abandoned)

    async def sweep(self) -> int:
        """Remove what is over → how many jobs that were.

        Files go before their rows: whatever stops this in between, the next sweep finds the rest.

        Raises:
            TransientError: the database or the store did not answer.

        """
        before_ms = self.now_ms() - self.keep_ms
        count = 0
        stuck: set[str] = set()
        patience = _Patience()
        while expired := await self.jobs.expired(before_ms=before_ms, limit=AT_ONCE, skip=stuck):
            for job_id in expired:
                try:
                    await self._delete_objects(job_id)
                    count += await self.jobs.forget(job_id, before_ms=before_ms)
                except OvenError as error:
                    patience.bear(error)
                    # It is looked at again in the next sweep; the others go now.
                    stuck.add(job_id)
                    log.warning("job_kept", job=job_id, code=error.code, detail=error.detail)
        return count

    async def drop_expired(self) -> int:
        """Remove objects whose time is over, wherever they are → how many; their jobs stay.

        Raises:
            TransientError: the database or the store did not answer.

        """
        now_ms = self.now_ms()
        count = 0
        stuck: set[Target] = set()
        patience = _Patience()
        while found := await self.jobs.expired_objects(now_ms=now_ms, limit=AT_ONCE, skip=stuck):
            for target in found:
                try:
                    count += await self._drop(target, now_ms)
                except OvenError as error:
                    patience.bear(error)
                    log.warning("result_kept", key=target.key, code=error.code, detail=error.detail)
                stuck.add(target)
        return count

    async def _drop(self, target: Target, now_ms: int) -> bool:
        """Remove an object, unless it is being made again since it was listed."""
        async with self.removals.of(target):
            if not await self.jobs.is_expired(target, now_ms=now_ms):
                return False
            await self.storage.delete(target)
            await self.jobs.drop(target, now_ms=now_ms)
            return True

    async def drop_half_made(self) -> int:
        """Remove what exports had stored before they failed or were cancelled → of how many.

        It waits until links to what an earlier run had made have expired.

        Raises:
            TransientError: the database or the store did not answer.

        """
        before_ms = self.now_ms() - EXPIRES_S * 1_000
        count = 0
        stuck: set[str] = set()
        patience = _Patience()
        while found := await self.jobs.half_made(before_ms=before_ms, limit=AT_ONCE, skip=stuck):
            for job_id in found:
                try:
                    await self._delete_half_made(job_id)
                except OvenError as error:
                    patience.bear(error)
                    log.warning("half_made_kept", job=job_id, code=error.code, detail=error.detail)
                else:
                    await self.jobs.disown(job_id)
                    count += 1
                # One that is run again meanwhile keeps what it has.
                stuck.add(job_id)
        return count

    async def purge(self) -> int:
        """Remove assets that were deleted long ago → how many.

        Raises:
            TransientError: the database or the store did not answer.

        """
        before_ms = self.now_ms() - self.keep_ms
        count = 0
        stuck: set[str] = set()
        patience = _Patience()
        while gone := await self.assets.purgeable(before_ms=before_ms, limit=AT_ONCE, skip=stuck):
            for asset in gone:
                try:
                    for key in asset.keys:
                        await self.storage.delete(Target(asset.bucket, key))
                    count += await self.assets.forget(asset.id, before_ms=before_ms)
                except OvenError as error:
                    patience.bear(error)
                    stuck.add(asset.id)
                    log.warning("asset_kept", asset=asset.id, code=error.code, detail=error.detail)
        return count

    async def give_up_uploads(self) -> int:
        """Fail assets whose clients have sent nothing whole for a day → how many.

        Raises:
            TransientError: the database or the store did not answer.

        """
        before_ms = self.now_ms() - UPLOAD_MS
        count = 0
        stuck: set[str] = set()
        patience = _Patience()
        while late := await self.assets.overdue(before_ms=before_ms, limit=AT_ONCE, skip=stuck):
            for asset in late:
                try:
                    await self.storage.abort_parts(Target(asset.bucket, asset.key), asset.upload)
                except OvenError as error:
                    patience.bear(error)
                    stuck.add(asset.id)
                    log.warning("upload_kept", asset=asset.id, code=error.code, detail=error.detail)
                    continue
                failed = AssetChange(id=asset.id, status=AssetStatus.FAILED, error=TOO_LATE.as_json())
                await self.assets.fail(failed, now_ms=self.now_ms())
                count += 1
        return count

    async def _delete_half_made(self, job_id: str) -> None:
        for target, _ in await self.jobs.last_objects(job_id):
            async with self.removals.of(target):
                if await self.jobs.is_unreached(job_id):
                    await self.storage.delete(target)

    async def _delete_objects(self, job_id: str) -> None:
        for found in await self.jobs.last_objects(job_id):
            if not found.is_result and not self.storage.ends_with_jobs(found.target):
                continue
            async with self.removals.of(found.target):
                # Another job may have begun to reuse it.
                if found in await self.jobs.last_objects(job_id):
                    await self.storage.delete(found.target)
