"""What every step is."""

from oven.recipes.step import BaseStep, Target


def test_a_step_reads_nothing_of_itself() -> None:
    """A step that names no source reads none, and must be done."""
    step = BaseStep(name="it", phase="p")
    assert step.sources == ()
    assert not step.optional
    assert Target("b", "k")._asdict() == {"bucket": "b", "key": "k"}
