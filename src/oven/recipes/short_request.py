"""What is asked of a short: a part of a video, how it is framed, and how well it is encoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from oven.media.short import Quality
from oven.media.strategies import StrategyName
from oven.recipes.steps import Target

# Only shorts stand below this: their files go after a day, by a rule of the bucket, too.
FOLDER = "exports/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRequest:
    """A scene, or a part of one, that becomes a vertical film.

    Args:
        scene_id: what is exported.
        asset_id: the video that it is of.
        source: the object of that.
        target: where the film goes.
        start_s: where it begins, in seconds since the video's begin, as it was known at the submission.
        end_s: where it ends.
        strategy: how a picture of another shape becomes an upright one.
        quality: how well it is encoded.
        echo: what the caller knows the job by, in posts of its progress.

    """

    scene_id: str
    asset_id: str
    source: Target
    target: Target
    start_s: float
    end_s: float
    strategy: StrategyName
    quality: Quality
    echo: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Write the request as a job keeps it."""
        request: dict[str, Any] = REQUESTS.dump_python(self, mode="json")
        return request


REQUESTS = TypeAdapter(ShortRequest)
