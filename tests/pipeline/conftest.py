"""A service on a real store, with nobody behind it; a kitchen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oven import app
from oven.adapters.database.attempts import AttemptTable
from oven.adapters.database.engine import open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.adapters.storage.local import LocalStorage
from oven.domain.job import Lane
from oven.pipeline.outlook import Outlooks
from oven.pipeline.progress import Live
from oven.pipeline.pulse import Pulse
from oven.pipeline.service import Service
from oven.recipes.book import BOOK
from oven.recipes.plan import Limits
from oven.settings import Settings
from tests.kitchens import Kitchen


class Calls(list[str]):
    """What the service has told others."""

    def note(self, word: str) -> None:
        self.append(word)


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def live() -> dict[str, Live]:
    """What the engine knows of running jobs."""
    return {}


@pytest.fixture
async def service(
    tmp_path: Path, limits: Limits, calls: Calls, live: dict[str, Live]
) -> AsyncIterator[Service]:
    pulse = Pulse()
    async with open_database(tmp_path, committed=pulse.beat) as database:
        yield Service(
            jobs=JobTable(database=database),
            attempts=AttemptTable(database=database),
            outbox=OutboxTable(database=database),
            book=BOOK,
            limits=limits,
            queue_limit=1,
            now_ms=lambda: 5,
            wake=lambda: calls.note("wake"),
            interrupt=lambda job_id: calls.note(f"interrupt {job_id}"),
            deliver=lambda: calls.note("deliver"),
            outlooks=Outlooks(
                book=BOOK, slots=dict.fromkeys(Lane, 2), now_ms=lambda: 5, progress_of=live.get
            ),
            pulse=pulse,
        )


@pytest.fixture
async def kitchen(settings: Settings, tmp_path: Path) -> AsyncIterator[Kitchen]:
    """A kitchen, whose staged objects are closed at the end, as an attempt closes its own."""
    storage = LocalStorage(buckets={"b": tmp_path / "store"}, base_url="https://example.com")
    kitchen = Kitchen(await app.tools_of(settings, storage), tmp_path)
    async with kitchen.staging.open():
        yield kitchen
