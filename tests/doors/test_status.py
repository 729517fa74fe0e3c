"""The state of all bakes."""

from dataclasses import replace

from oven.domain.job import JobState, Lane, NewJob
from oven.doors.status import STAGES_KEPT, StatusView, _line
from oven.pipeline.service import Service
from oven.recipes.book import BOOK
from tests.doors.test_jobs import RECORD
from tests.pipeline.conftest import calls, live, service

__all__ = ["calls", "live", "service"]

BAKE = replace(RECORD, request={"echo": {"code": "aBc", "slug": "s", "mongoId": "m"}}, finished_ms=4_000)


def view() -> StatusView:
    """A view of no service, for what it makes of one record."""
    return StatusView(service=None, slots=2, now_ms=lambda: 9_000, started_ms=0)  # type: ignore[arg-type] # not asked


def test_what_the_sites_scripts_read() -> None:
    """Of one that runs, and of one that has ended."""
    running = view().item(replace(BAKE, state=JobState.RUNNING, finished_ms=None))
    assert (running["code"], running["slug"], running["mongoId"]) == ("aBc", "s", "m")
    assert (running["status"], running["startTime"], running["lastUpdate"]) == ("processing", 1_500, 9_000)
    assert "success" not in running
    failed = view().item(BAKE)
    assert (failed["status"], failed["success"], failed["error"]) == ("error", False, "m")
    assert (failed["completedAt"], failed["duration"]) == (4_000, 2_500)
    done = view().item(
        replace(BAKE, state=JobState.DONE, error=None, result={"videoUrl": "v", "thumbnailUrl": "t"})
    )
    assert (done["success"], done["mp4Url"], done["thumbnailUrl"], done["error"]) == (True, "v", "t", None)


def test_receivers_stages() -> None:
    """Shown with the tape's job once it has ended; of many tapes the latest are remembered."""
    shown = view()
    shown.note_stage("aBc", {"status": "syncing"})
    assert shown.item(BAKE)["receiver"] == {"status": "syncing"}
    for number in range(STAGES_KEPT):
        shown.note_stage(str(number), {})
    assert "receiver" not in shown.item(BAKE)
    assert len(shown.stages) == STAGES_KEPT


def test_lines_for_people() -> None:
    """How it ended, and why."""
    assert _line(BAKE) == "1970-01-01T00:00:04.000Z aBc: failed, m [ENCODE_STALLED]"
    done = replace(BAKE, state=JobState.DONE, error=None)
    assert _line(done) == "1970-01-01T00:00:04.000Z aBc: done in 2.5 s"


async def test_what_takes_other_slots_is_not_counted(service: Service) -> None:
    """The numbers are of those that bakes wait for."""
    service.queue_limit = 9
    service.book = {**BOOK, "carry": replace(BOOK["convert"], kind="carry", lane=Lane.IMPORT)}
    for kind in ("carry", "convert", "bake"):
        await service.submit(
            NewJob(id=kind, kind=kind, owner="", identity=kind, output_key="", request={"echo": {}})
        )
    await service.jobs.claim("t", now_ms=9, lease_ms=9)
    shown = StatusView(service=service, slots=2, now_ms=lambda: 9_000, started_ms=0)
    assert (await shown.snapshot())["concurrency"] == {"active": 0, "max": 2, "queueDepth": 2}
    await service.jobs.claim("u", now_ms=9, lease_ms=9)
    assert (await shown.snapshot())["concurrency"] == {"active": 1, "max": 2, "queueDepth": 1}
