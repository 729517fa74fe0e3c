"""Steps about media: what each reads."""

from oven.recipes.media_steps import Decode, Encode, FindKeyFrame, Measure, PlainPicture
from oven.recipes.steps import Link, Step


def test_sources() -> None:
    """Each names the files that it reads, so that they are part of what it is known by."""
    steps: list[tuple[Step, tuple[str, ...]]] = [
        (
            PlainPicture(name="n", phase="p", source="a/x", output="y", label="l", max_pixels=1, max_side=1),
            ("a/x",),
        ),
        (FindKeyFrame(name="n", phase="p", source="a/x", demuxer="mov", stream=0, at_s=1.0), ("a/x",)),
        (Measure(name="n", phase="p", source="a/x", demuxer="mov", timeout_s=1.0), ("a/x",)),
        (
            Decode(
                name="n",
                phase="p",
                source="a/x",
                demuxer="mov",
                keys_only=True,
                frames=1,
                timeout_s=1.0,
                stall_s=1.0,
                memory_bytes=1,
                threads=1,
            ),
            ("a/x",),
        ),
        (
            Encode(
                name="n",
                phase="p",
                links=(Link("a/x", "in/x"), Link("b/y", "in/y")),
                arguments=(),
                output="o",
                frames=1,
                timeout_s=1.0,
                stall_s=1.0,
                memory_bytes=1,
                threads=1,
            ),
            ("a/x", "b/y"),
        ),
    ]
    for step, sources in steps:
        assert step.sources == sources
