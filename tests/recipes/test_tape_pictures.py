"""Which pictures an encode is given, and when."""

from oven.recipes import tape_steps
from oven.recipes.plan import Limits
from oven.recipes.tape import plan_of
from oven.recipes.tape_pictures import pictures
from tests.recipes.test_tape_steps import LEARNED, REQUEST


def test_pictures_carry_their_times(limits: Limits) -> None:
    """Each its slot's time; the last stands again where the output ends."""
    assert pictures(plan_of(REQUEST, LEARNED, limits)) == (
        ("inspect/000000.png", "in/000000.png", 0),
        ("inspect/000001.png", "in/000001.png", 1_000_000_000),
        ("inspect/000001.png", "in/000002.png", 2_000_000_000),
    )


def test_what_stays_is_decoded_once(limits: Limits) -> None:
    """Of neighbours that are the same to the byte one is proved and given, and the clock still closes."""
    alike = {"000000.png": "x", "000001.png": "x"}
    known = LEARNED | {"extract": {"sizeBytes": 1, "alike": alike}}
    plan = plan_of(REQUEST, known, limits)
    assert pictures(plan) == (
        ("inspect/000000.png", "in/000000.png", 0),
        ("inspect/000000.png", "in/000001.png", 2_000_000_000),
    )
    assert {source for source, _, _ in tape_steps.inspect(plan.tape, limits).frames} == {"extract/000000.png"}
    assert tape_steps.thumbnail(plan).source == "inspect/000000.png"
    assert (plan.tape.identical, plan.tape.unused_pictures, plan.schedule.dropped) == (1, 0, 0)
