"""The pictures of a tape as an encode reads them: which, under which names, and when."""

from oven.media import argv
from oven.recipes.steps import Link
from oven.recipes.tape import Plan

NANOSECONDS = 1_000_000_000


def pictures(plan: Plan) -> tuple[Link, ...]:
    """Give each shown frame its slot's time; the last stands again where the output ends.

    One that stays is not given again: it is decoded and scaled once.
    """
    frames, schedule = plan.tape.frames, plan.schedule
    before = (None, *(frames[frame] for frame, _ in schedule.shown))
    new = [
        (frame, slot)
        for (frame, slot), last in zip(schedule.shown, before, strict=False)
        if frames[frame] != last
    ]
    closing = (schedule.shown[-1][0], schedule.slots)
    return tuple(
        Link(
            f"inspect/{frames[frame].file}",
            argv.picture_file(number),
            round(slot * NANOSECONDS / schedule.rate),
        )
        for number, (frame, slot) in enumerate((*new, closing))
    )
