"""What is to come of jobs."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oven.domain.eta import Learned
from oven.domain.job import JobRecord, JobState, Lane, Outlook
from oven.pipeline.outlook import Outlooks, share_of_phase
from oven.pipeline.progress import Live
from oven.recipes.book import BOOK
from tests.doors.test_jobs import RECORD

NOW_MS = 1_000_000
PHASES = BOOK["bake"].phases
# Of ten seconds two are fetching and eight encoding.
LEARNED = Learned(mean_s=10, frame_s=0.1, shares={"fetch": 0.2, "encode": 0.8})


@dataclass
class Oven:
    """Two slots, and what runs in them."""

    live: dict[str, Live] = field(default_factory=dict)
    outlooks: Outlooks = field(init=False)

    def __post_init__(self) -> None:
        self.outlooks = Outlooks(
            book=BOOK, slots=dict.fromkeys(Lane, 2), now_ms=lambda: NOW_MS, progress_of=self.live.get
        )

    def note(self, job_id: str, state: JobState, accepted: int = 1, **changes: object) -> JobRecord:
        record = replace(
            RECORD,
            id=job_id,
            state=state,
            accepted=accepted,
            progress=0.0,
            error=None,
            **changes,  # type: ignore[arg-type]
        )
        self.outlooks.note(record)
        return record

    def run(self, job_id: str, live: Live) -> JobRecord:
        self.live[job_id] = live
        return self.note(job_id, JobState.RUNNING)

    def of(self, record: JobRecord) -> Outlook:
        return self.outlooks.shown(record).outlook


@pytest.fixture
def oven() -> Oven:
    return Oven()


def test_before_any_job_has_ended(oven: Oven) -> None:
    """What runs goes by its own pace; of what waits nothing is known but its place."""
    running = oven.run("a", Live(0.25, "encode", 1.5, 48, NOW_MS - 10_000))
    assert oven.of(running) == Outlook(speed=1.5, eta_s=30)
    assert oven.of(oven.note("b", JobState.QUEUED, 2)) == Outlook(position=1)
    just_begun = oven.run("c", Live(0.0, "fetch", began_ms=NOW_MS))
    assert oven.of(just_begun) == Outlook()


def test_what_was_learned(oven: Oven) -> None:
    """Half of the encode is over, and all is as fast as the others were: 40 % of their time is to come."""
    oven.outlooks.learned["bake"] = LEARNED
    progress = (5 + 5 + 10 + 35) / 100
    running = oven.run("a", Live(progress, "encode", 2.0, None, NOW_MS - 6_000))
    assert oven.of(running) == Outlook(speed=2.0, eta_s=4)
    # Three times the frames of the others: three times their time.
    longer = oven.run("b", Live(progress, "encode", 2.0, 300, NOW_MS - 18_000))
    assert oven.of(longer).eta_s == 12


def test_in_line(oven: Oven) -> None:
    """The rest of what runs and the whole of what waits before it, over the slots; and its own time."""
    oven.outlooks.learned["bake"] = LEARNED
    for job_id in "ab":
        oven.run(job_id, Live(0.0, "fetch", None, None, NOW_MS))
    waiting = [oven.note(f"w{number}", JobState.QUEUED, number) for number in (2, 3, 4)]
    assert [oven.of(record) for record in waiting] == [
        Outlook(position=place, eta_s=eta) for place, eta in ((1, 20), (2, 25), (3, 30))
    ]
    oven.note("a", JobState.DONE)
    # A slot is free, for the first of them.
    assert [oven.of(record).eta_s for record in waiting] == [10, 20, 25]


def test_one_that_has_just_ended(oven: Oven) -> None:
    """Holds nobody up although the news has not come."""
    oven.outlooks.learned["bake"] = LEARNED
    for job_id in "ab":
        oven.run(job_id, Live())
    waiting = oven.note("w", JobState.QUEUED, 2)
    del oven.live["a"]
    assert oven.of(waiting).eta_s == 10


def test_a_clock_that_was_set_back(oven: Oven) -> None:
    """Makes no time of what has not passed."""
    oven.outlooks.learned["bake"] = LEARNED
    assert oven.of(oven.run("a", Live(0.0, "fetch", None, None, NOW_MS + 5_000))).eta_s == 10


def test_a_pause_is_waited_for(oven: Oven) -> None:
    """Who may not run before a time does not end before it."""
    oven.outlooks.learned["bake"] = LEARNED
    assert oven.of(oven.note("a", JobState.RETRYING, available_ms=NOW_MS + 20_000)).eta_s == 30


def test_a_kind_that_nobody_knows(oven: Oven) -> None:
    """In the line of others it makes their time unknown, too."""
    oven.outlooks.learned["bake"] = LEARNED
    known = oven.note("a", JobState.QUEUED, 1)
    assert oven.of(known).eta_s == 10
    unknown = oven.note("b", JobState.QUEUED, 2, kind="convert")
    assert [oven.of(record).eta_s for record in (known, unknown)] == [None, None]
    oven.note("b", JobState.CANCELLED, 2, kind="convert")
    assert oven.of(known).eta_s == 10


@pytest.fixture
def lanes(oven: Oven) -> Oven:
    """One that brings things in, too."""
    carry = replace(BOOK["convert"], kind="carry", lane=Lane.IMPORT)
    oven.outlooks = Outlooks(
        book={**BOOK, "carry": carry},
        slots={Lane.ENCODE: 2, Lane.IMPORT: 1, Lane.IMAGE: 1},
        now_ms=lambda: NOW_MS,
        progress_of=oven.live.get,
    )
    oven.outlooks.learned["bake"] = LEARNED
    oven.outlooks.learned["carry"] = replace(LEARNED, mean_s=100)
    return oven


def test_each_lane_has_its_line(lanes: Oven) -> None:
    """Places, slots and the work ahead are those of the job's own lane."""
    for job_id in "ab":
        lanes.run(job_id, Live(0.0, "fetch", None, None, NOW_MS))
    first, second = (lanes.note(f"c{number}", JobState.QUEUED, number, kind="carry") for number in (2, 5))
    bake = lanes.note("w", JobState.QUEUED, 7)
    assert lanes.of(first) == Outlook(position=1, eta_s=100)
    # What is ahead of it takes its lane's only slot for a hundred seconds.
    assert lanes.of(second) == Outlook(position=2, eta_s=200)
    assert lanes.of(bake) == Outlook(position=1, eta_s=20)


def test_another_lane_that_nobody_knows(lanes: Oven) -> None:
    """Makes no time unknown but its own."""
    del lanes.outlooks.learned["carry"]
    carried, bake = lanes.note("c", JobState.QUEUED, 1, kind="carry"), lanes.note("w", JobState.QUEUED, 2)
    assert [lanes.of(record).eta_s for record in (carried, bake)] == [None, 10]


def test_a_kind_that_is_not_in_the_book(oven: Oven) -> None:
    """Stands in no line, for nobody will take it."""
    oven.outlooks.learned["bake"] = LEARNED
    assert oven.of(oven.note("a", JobState.QUEUED, 1, kind="unheard-of")) == Outlook()
    assert oven.of(oven.note("b", JobState.QUEUED, 2)) == Outlook(position=1, eta_s=10)


def test_after_the_end(oven: Oven) -> None:
    """Nothing is to come."""
    oven.run("a", Live(0.9, "publish", None, 1, 0))
    for state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED):
        assert oven.of(oven.note("a", state)) == Outlook()


@given(
    st.floats(0, 1),
    st.sampled_from([*(phase.name for phase in PHASES), ""]),
    st.none() | st.integers(1, 10_000),
    st.integers(0, 2 * NOW_MS),
    st.none()
    | st.builds(
        Learned,
        mean_s=st.floats(0.001, 1e6),
        frame_s=st.none() | st.floats(0, 1e3),
        shares=st.fixed_dictionaries({"fetch": st.just(0.25), "publish": st.just(0.75)}),
    ),
)
@example(progress=1.0, phase="publish", frames=None, began_ms=NOW_MS, learned=LEARNED)
@example(progress=1.0, phase="publish", frames=None, began_ms=0, learned=None)
def test_what_runs_ends_in_a_second_at_least(
    progress: float, phase: str, frames: int | None, began_ms: int, learned: Learned | None
) -> None:
    """Whatever is known of it, and wherever its clock stands: never none, never less."""
    oven = Oven()
    if learned is not None:
        oven.outlooks.learned["bake"] = learned
    eta_s = oven.of(oven.run("a", Live(progress, phase, None, frames, began_ms))).eta_s
    assert eta_s is None or eta_s >= 1
    assert (eta_s is None) <= (learned is None)


def test_how_far_a_phase_is() -> None:
    """Read from the progress of the whole."""
    assert share_of_phase(PHASES, "encode", 0.2) == 0.0
    assert share_of_phase(PHASES, "encode", 0.55) == pytest.approx(0.5)
    assert share_of_phase(PHASES, "verify", 0.55) == 0.0
    assert share_of_phase(PHASES, "fetch", 0.55) == 1.0
    assert share_of_phase(PHASES, "unknown", 0.55) == 0.0
