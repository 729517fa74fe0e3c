"""What the pipeline asks of the table of scenes."""

from dataclasses import dataclass
from typing import Protocol

from oven.domain.scene import NewScene, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneEdit:
    """What a user changes of a scene; None leaves it as it is, and an empty `name` takes that away."""

    name: str | None = None
    start_s: float | None = None
    end_s: float | None = None


class Scenes(Protocol):
    """Where scenes are kept; they go with their videos, and are hidden as soon as those are deleted.

    Where a method takes an `owner`, it is whose scenes there are for who asks: None for all.

    Raises:
        TransientError: STORE_UNAVAILABLE, from every method.

    """

    async def add(self, new: NewScene, *, now_ms: int) -> Scene:
        """Keep a scene whose times were checked.

        Raises:
            NotFoundError: NOT_FOUND, its owner has no such video (any more).
            ConflictError: ASSET_CONFLICT, the video has as many scenes as it can have.

        """
        ...

    async def get(self, scene_id: str, *, owner: str | None) -> Scene | None: ...

    async def of_video(self, asset_id: str, *, owner: str | None) -> list[Scene]:
        """List the scenes of a video, MAX_SCENES at most, in the order in which they begin."""
        ...

    async def edit(self, scene_id: str, edit: SceneEdit, *, owner: str | None, now_ms: int) -> Scene | None:
        """Change a scene; what becomes of it is checked as a whole.

        Raises:
            SceneError: FIELD_INVALID, its times would be none that can be.

        """
        ...

    async def delete(self, scene_id: str, *, owner: str | None) -> Scene | None:
        """Forget a scene."""
        ...
