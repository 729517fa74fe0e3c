"""Videos, their scenes, and what becomes of these, by the HTTP API, as methods."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, cast
from urllib.parse import quote

from oven.client.imports import written
from oven.client.transport import Transport

Strategy = Literal["center_crop", "letterbox", "blur"]
Quality = Literal["high", "medium"]
ShortStatus = Literal["pending", "processing", "completed", "failed"]


class Scene(TypedDict):
    """A part of a video; times in seconds, instants RFC 3339."""

    id: str
    video_id: str
    name: str
    start_s: float
    end_s: float
    duration_s: float
    can_export: bool
    created_at: str
    updated_at: str


class Preview(TypedDict):
    """How a scene would look by one strategy; `image` is a data URL of a JPEG."""

    aspect_ratio_strategy: Strategy
    image: str


class Previews(TypedDict):
    """How a scene would look by each, of the frame at `at_s` seconds of the video."""

    scene_id: str
    at_s: float
    width: int
    height: int
    previews: list[Preview]


class Trim(TypedDict):
    """A part of a scene, in seconds from that's begin."""

    start_s: float
    end_s: float


class Quota(TypedDict):
    """How many exports of a day are left, which ends at midnight UTC."""

    limit: int
    used: int
    remaining: int
    resets_at: str


class Begun(TypedDict):
    """An export that was accepted."""

    export_id: str
    scene_id: str
    status: ShortStatus
    quota: NotRequired[Quota | None]


class Short(TypedDict):
    """An export of a scene; `progress` from 0 to 100, instants RFC 3339."""

    export_id: str
    scene_id: str
    video_id: str
    status: ShortStatus
    progress: int
    phase: str | None
    position: int | None
    eta_s: int | None
    aspect_ratio_strategy: Strategy
    output_quality: Quality
    start_s: float
    end_s: float
    file_size_bytes: int | None
    duration_s: float | None
    resolution: str | None
    download_url: str | None
    expires_at: str | None
    expired: bool
    error: str | None
    error_code: str | None
    warnings: list[dict[str, Any]]
    created_at: str
    started_at: str | None
    completed_at: str | None


class Order(TypedDict):
    """One scene of several, and how it is exported; the callback is the whole request's own to give."""

    scene_id: str
    aspect_ratio_strategy: NotRequired[Strategy]
    output_quality: NotRequired[Quality]
    trim: NotRequired[Trim]


@dataclass(slots=True)
class Shorts:
    """What may be done with scenes: cut out of videos, looked at, exported as upright films."""

    transport: Transport

    def add_scene(self, video_id: str | uuid.UUID, start_s: float, end_s: float, *, name: str = "") -> Scene:
        """Make a part of a video a scene.

        Args:
            video_id: an asset, a video that is READY.
            start_s: where it begins, in seconds.
            end_s: where it ends.
            name: its name.

        Raises:
            OvenError: FIELD_INVALID with `errors`, NOT_FOUND, ASSET_CONFLICT.
            UnreachableError: nobody answered.

        """
        body = {"start_s": start_s, "end_s": end_s, "name": name}
        return cast("Scene", self.transport.ask("POST", f"{_video(video_id)}/scenes", body=body))

    def scenes(self, video_id: str | uuid.UUID) -> list[Scene]:
        """List the scenes of a video, in the order in which they begin.

        Raises:
            OvenError: NOT_FOUND.

        """
        return cast("list[Scene]", self.transport.ask("GET", f"{_video(video_id)}/scenes")["scenes"])

    def scene(self, scene_id: str) -> Scene:
        """Look at a scene.

        Raises:
            OvenError: NOT_FOUND, there is none, or it is another's.

        """
        return cast("Scene", self.transport.ask("GET", _scene(scene_id)))

    def edit_scene(
        self,
        scene_id: str,
        *,
        start_s: float | None = None,
        end_s: float | None = None,
        name: str | None = None,
    ) -> Scene:
        """Change what is given of a scene → the scene; an empty name takes that away.

        Raises:
            OvenError: FIELD_INVALID with `errors`, NOT_FOUND.

        """
        body = written({"start_s": start_s, "end_s": end_s, "name": name})
        return cast("Scene", self.transport.ask("PATCH", _scene(scene_id), body=body, is_repeatable=True))

    def delete_scene(self, scene_id: str) -> None:
        """Forget a scene; what was made of it stays.

        Raises:
            OvenError: NOT_FOUND.

        """
        self.transport.ask("DELETE", _scene(scene_id))

    def previews(self, scene_id: str) -> Previews:
        """Show how a scene would look, one still a strategy.

        Raises:
            OvenError: PREVIEWS_BUSY, PREVIEW_UNAVAILABLE, ASSET_CONFLICT, NOT_FOUND and others.

        """
        return cast("Previews", self.transport.ask("GET", f"{_scene(scene_id)}/previews"))

    def create(
        self,
        scene_id: str,
        *,
        strategy: Strategy = "center_crop",
        quality: Quality = "high",
        trim: Trim | None = None,
        callback_url: str | None = None,
        callback_secret: str | None = None,
        progress_url: str | None = None,
        idempotency_key: str | None = None,
    ) -> Begun:
        """Have a scene exported as an upright film → its `export_id`, which is its job's, and the quota.

        Args:
            scene_id: which.
            strategy: how a picture of another shape comes to stand upright.
            quality: how well it is encoded.
            trim: a part of the scene.
            callback_url: where the end is told.
            callback_secret: what signs that.
            progress_url: where progress is posted.
            idempotency_key: the caller's own; asked for again, it is the same export.

        Raises:
            OvenError: RATE_LIMITED, FIELD_INVALID, NOT_FOUND, ASSET_CONFLICT and others; nothing was
                accepted.
            UnreachableError: nobody answered; whether it was accepted the same key tells.

        """
        body = {
            "aspect_ratio_strategy": strategy,
            "output_quality": quality,
            **({"trim": trim} if trim is not None else {}),
            **written(
                {
                    "callback_url": callback_url,
                    "callback_secret": callback_secret,
                    "progress_url": progress_url,
                }
            ),
        }
        said = self.transport.ask(
            "POST", f"{_scene(scene_id)}/export-short", body=body, key=idempotency_key or str(uuid.uuid4())
        )
        return cast("Begun", said)

    def create_several(self, orders: list[Order]) -> list[Begun]:
        """Have several scenes exported, all or none of them accepted → in their order.

        Raises:
            OvenError: as of `create`.
            UnreachableError: nobody answered.

        """
        said = self.transport.ask("POST", "/v1/scenes/export-shorts", body={"exports": orders})
        return cast("list[Begun]", said["exports"])

    def status(self, export_id: str) -> Short:
        """Look at an export; once it is completed, its `download_url` is for `Oven.download`, or anybody.

        Raises:
            OvenError: NOT_FOUND, there is none, or it is another's.

        """
        return cast("Short", self.transport.ask("GET", _export(export_id)))

    def exports(self, *, status: ShortStatus | None = None) -> Iterator[Short]:
        """Give all exports, newest first; pages are asked for as they are needed."""
        query: dict[str, str] = {} if status is None else {"status": status}
        while True:
            page: Mapping[str, Any] = self.transport.ask("GET", "/v1/exports", query=query)
            yield from page["exports"]
            if not page["next_cursor"]:
                return
            query["cursor"] = page["next_cursor"]

    def cancel(self, export_id: str) -> Short:
        """End an export now, queued or running.

        Raises:
            OvenError: JOB_CONFLICT, it has ended already; NOT_FOUND.

        """
        return cast("Short", self.transport.ask("DELETE", _export(export_id)))

    def quota(self) -> Quota | None:
        """Tell how many exports are left today; None of the admin, whom nothing bounds."""
        return cast("Quota | None", self.transport.ask("GET", "/v1/exports/quota")["quota"])


def _video(video_id: str | uuid.UUID) -> str:
    return f"/v1/videos/{quote(str(video_id), safe='', errors='replace')}"


def _scene(scene_id: str) -> str:
    return f"/v1/scenes/{quote(scene_id, safe='', errors='replace')}"


def _export(export_id: str) -> str:
    return f"/v1/exports/{quote(export_id, safe='', errors='replace')}"
