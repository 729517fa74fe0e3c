"""The progress of a whole job."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oven.pipeline.progress import Progress
from oven.recipes.plan import Phase
from oven.recipes.steps import Encode, Publish, Target

PHASES = (Phase("fetch", 1), Phase("encode", 8), Phase("publish", 1))


def step(name: str, phase: str) -> Publish:
    return Publish(
        artifact="video",
        name=name,
        phase=phase,
        source="a/b",
        target=Target("b", "k"),
        content_type="x",
        is_public=True,
    )


def test_phases_weigh_their_share() -> None:
    """Each phase counts for what it weighs."""
    progress = Progress(PHASES)
    progress.update(step("a", "fetch"), 1)
    assert progress.fraction == pytest.approx(0.1)
    assert progress.phase == "fetch"
    progress.update(step("b", "encode"), 0.5)
    assert progress.fraction == pytest.approx(0.5)
    assert progress.phase == "encode"
    progress.update(step("c", "publish"), 1)
    progress.update(step("b", "encode"), 1)
    assert progress.fraction == pytest.approx(1.0)
    assert progress.phase == "publish"


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(PHASES), st.floats(allow_nan=False)), max_size=40
    )
)
def test_it_never_falls(updates: list[tuple[str, Phase, float]]) -> None:
    """Whatever steps report, in whatever order, and however many appear late."""
    progress, seen = Progress(PHASES), [0.0]
    for name, phase, fraction in updates:
        progress.update(step(name, phase.name), fraction)
        seen.append(progress.fraction)
    assert seen == sorted(seen)
    assert seen[-1] <= 1


def encode(name: str) -> Encode:
    return Encode(
        name=name,
        phase="encode",
        links=(),
        arguments=(),
        output="v",
        frames=48,
        timeout_s=1,
        stall_s=1,
        memory_bytes=1,
        threads=1,
    )


def test_a_phase_is_as_far_as_its_slowest_step() -> None:
    """What ends soon beside it says nothing of the rest; what begins late takes nothing back."""
    progress = Progress(PHASES)
    progress.update(encode("video"), 0.0)
    progress.update(step("thumbnail", "encode"), 1)
    assert progress.fraction == 0.0
    progress.update(encode("video"), 0.5)
    assert progress.fraction == pytest.approx(0.4)
    progress.update(encode("smaller"), 0.0)
    assert progress.fraction == pytest.approx(0.4)


def test_all_is_said_at_the_end_alone() -> None:
    """What runs is never all done: pictures may be published, and the film not yet."""
    progress = Progress(PHASES)
    for phase in PHASES:
        progress.update(step(phase.name, phase.name), 1)
    assert progress.fraction == 1.0
    assert int(progress.live.progress * 100) == 99


def test_speed_and_frames() -> None:
    """Known while something is encoded, that of all encodes together; then the frames alone."""
    progress = Progress(PHASES)
    progress.update(step("a", "fetch"), 1)
    assert (progress.live.speed, progress.live.frames) == (None, None)
    progress.update(encode("video"), 0.1, 1.5)
    progress.update(encode("other"), 0.1, 2.0)
    assert (progress.live.speed, progress.live.frames) == (3.5, 48)
    progress.update(encode("video"), 1.0)
    assert progress.live.speed == 2.0
    progress.update(encode("other"), 1.0)
    live = progress.live
    assert (live.speed, live.frames) == (None, 48)
