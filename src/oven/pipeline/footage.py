"""What users may do with their videos and the scenes of them, whichever door they come through.

Where a method takes an `owner`, it is whose videos there are for who asks: None for all.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oven.domain.asset import Asset, AssetStatus, AssetType
from oven.domain.errors import Code, ConflictError, NotFoundError
from oven.domain.scene import NewScene, Scene, check_times
from oven.media.source import source_of_facts
from oven.pipeline.library import Library
from oven.pipeline.scenes import SceneEdit, Scenes

HINTS: Mapping[AssetStatus, str] = {
    AssetStatus.PENDING_UPLOAD: "Upload it first.",
    AssetStatus.UPLOADING: "Ask again when it is READY.",
    AssetStatus.FAILED: "Import it again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Shows videos, which are assets of `library`, and keeps scenes of them."""

    library: Library
    scenes: Scenes
    now_ms: Callable[[], int]

    async def video(self, video_id: str, *, owner: str | None) -> Asset:
        """Find a video, whether it is there yet or not.

        Raises:
            NotFoundError: NOT_FOUND, there is none, it was deleted, is another's, or is no video.

        """
        asset = await self.library.assets.get(video_id, owner=owner)
        if asset is None or asset.type is not AssetType.VIDEO:
            raise NotFoundError(Code.NOT_FOUND, "there is no such video")
        return asset

    async def cut(self, video: Asset, *, start_s: float, end_s: float, name: str) -> Scene:
        """Keep a part of a video as a scene of its owner's.

        Raises:
            SceneError: FIELD_INVALID, its times cannot be.
            NotFoundError: NOT_FOUND, the video was deleted meanwhile.
            ConflictError: ASSET_CONFLICT, it has as many scenes as it can have.

        """
        video_s = source_of_facts(video.facts, size_bytes=video.size_bytes).duration_s
        start_s, end_s = check_times(start_s, end_s, video_s)
        new = NewScene(
            id=str(uuid.uuid4()),
            asset_id=video.id,
            owner=video.owner,
            name=name,
            start_s=start_s,
            end_s=end_s,
        )
        return await self.scenes.add(new, now_ms=self.now_ms())

    async def scene(self, scene_id: str, *, owner: str | None) -> tuple[Scene, Asset]:
        """Find a scene, and its video.

        Raises:
            NotFoundError: NOT_FOUND, there is none, its video was deleted, or it is another's.

        """
        return await self._with_video(await self.scenes.get(scene_id, owner=owner))

    async def scenes_of(self, video: Asset) -> list[Scene]:
        """List the scenes of a video in the order in which they begin."""
        return await self.scenes.of_video(video.id, owner=video.owner)

    async def edit(self, scene_id: str, edit: SceneEdit, *, owner: str | None) -> tuple[Scene, Asset]:
        """Change a scene → it, and its video.

        Raises:
            NotFoundError: NOT_FOUND.
            SceneError: FIELD_INVALID, its times would be none that can be.

        """
        changed = await self.scenes.edit(scene_id, edit, owner=owner, now_ms=self.now_ms())
        return await self._with_video(changed)

    async def delete(self, scene_id: str, *, owner: str | None) -> None:
        """Forget a scene.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        _found(await self.scenes.delete(scene_id, owner=owner))

    async def _with_video(self, found: Scene | None) -> tuple[Scene, Asset]:
        scene = _found(found)
        video = await self.library.assets.get(scene.asset_id, owner=scene.owner)
        if video is None:
            # It was deleted just now.
            return await self._with_video(None)
        return scene, video


def check_ready(video: Asset) -> None:
    """Refuse a video that nothing can be made of yet, or ever.

    Raises:
        ConflictError: ASSET_CONFLICT.

    """
    if video.status is not AssetStatus.READY:
        raise ConflictError(
            Code.ASSET_CONFLICT,
            f"the video is {video.status}; it must be READY",
            hint=HINTS[video.status],
        )


def _found(scene: Scene | None) -> Scene:
    if scene is None:
        raise NotFoundError(Code.NOT_FOUND, "there is no such scene")
    return scene
