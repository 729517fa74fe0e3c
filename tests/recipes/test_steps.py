"""Steps are plain data."""

import dataclasses
from typing import get_args

import orjson
import pytest
from pydantic import TypeAdapter

from oven.recipes.steps import BaseStep, Encode, Link, Publish, Step, Target

ENCODE = Encode(
    name="encode",
    phase="encode",
    links=(Link("extract/0.png", "in/0.png", 16_666_667), Link("extract/sound.bin", "in/sound.bin")),
    arguments=("-i", "x"),
    output="video.mp4",
    frames=1,
    timeout_s=9.0,
    stall_s=3.0,
    memory_bytes=1,
    threads=1,
)
PUBLISH = Publish(
    artifact="video",
    name="publish",
    phase="publish",
    source="encode/video.mp4",
    target=Target("bucket", "key"),
    content_type="video/mp4",
    is_public=True,
)


@pytest.mark.parametrize("step", [ENCODE, PUBLISH])
def test_steps_survive_json(step: Encode | Publish) -> None:
    """Written and read again, a step is the same."""
    adapter = TypeAdapter[Encode | Publish](type(step))
    assert adapter.validate_python(orjson.loads(adapter.dump_json(step))) == step


def test_steps_are_frozen() -> None:
    """Every kind of step."""
    for kind in get_args(Step):
        assert issubclass(kind, BaseStep)
        assert kind.__dataclass_params__.frozen
    with pytest.raises(dataclasses.FrozenInstanceError):
        ENCODE.name = "other"  # type: ignore[misc]


def test_steps_know_what_they_read() -> None:
    """By reference."""
    assert ENCODE.sources == ("extract/0.png", "extract/sound.bin")
    assert PUBLISH.sources == ("encode/video.mp4",)
