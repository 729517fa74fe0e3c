"""The job that makes an upright film of a scene."""

import secrets

from oven.domain.asset import NOBODY, Asset
from oven.domain.job import NewJob
from oven.domain.scene import Scene, SceneError, check_times
from oven.doors.problems import FieldsError
from oven.doors.short_order import ShortOrder, Trim
from oven.doors.submission import identity
from oven.doors.telling import Telling
from oven.media.short import MAX_SHORT_S, plan_short
from oven.media.source import source_of_facts
from oven.recipes.short import RECIPE
from oven.recipes.short_request import FOLDER, ShortRequest
from oven.recipes.steps import Target


def short_job(
    scene: Scene,
    asset: Asset,
    order: ShortOrder,
    *,
    bucket: str,
    telling: Telling,
    per_day: int | None,
    key: str = "",
    place: str = "",
) -> NewJob:
    """Make the job that exports a scene; what it makes is its owner's.

    Args:
        scene: what is exported.
        asset: its video, which is READY.
        order: how.
        bucket: where results are kept.
        telling: who is told.
        per_day: how many its owner may begin in a day; None where that is not bounded.
        key: the caller's own for this request.
        place: where the order stands in the request, as a JSON pointer.

    Raises:
        FieldsError: FIELD_INVALID, a trim that lies outside of the scene, or none where one is needed.
        BadInputError: FIELD_INVALID, DURATION_LIMIT, MEDIA_…: what cannot be made of this video.

    """
    start_s, end_s = _span(scene, order.trim, place)
    source = source_of_facts(asset.facts, size_bytes=asset.size_bytes)
    # To hear now what cannot be; the job decides once more, by the file itself.
    plan_short(
        source,
        start_s=start_s,
        end_s=end_s,
        strategy=order.aspect_ratio_strategy,
        quality=order.output_quality,
    )
    job_id = secrets.token_hex(16)
    target = Target(bucket, f"{FOLDER}{asset.owner or NOBODY}/{job_id}.mp4")
    request = ShortRequest(
        scene_id=scene.id,
        asset_id=asset.id,
        source=Target(asset.bucket, asset.key),
        target=target,
        start_s=start_s,
        end_s=end_s,
        strategy=order.aspect_ratio_strategy,
        quality=order.output_quality,
        echo={"scene_id": scene.id, "video_id": asset.id},
    )
    same = (asset.owner, scene.id, start_s, end_s, order.aspect_ratio_strategy, order.output_quality)
    return NewJob(
        id=job_id,
        kind=RECIPE.kind,
        owner=asset.owner,
        identity=identity(RECIPE.kind, (telling.url,), *same),
        output_key=f"{target.bucket}/{target.key}",
        request=request.as_json(),
        callback=telling.callback,
        key=key,
        progress_url=telling.progress_url,
        per_day=per_day,
    )


def _span(scene: Scene, trim: Trim | None, place: str) -> tuple[float, float]:
    """Give what is exported, in seconds since the video's begin; a trim that is too long is seen later."""
    if trim is None:
        if scene.duration_s > MAX_SHORT_S:
            rule = (
                f"the scene lasts {scene.duration_s:g} s; of more than {MAX_SHORT_S:g} s a trim must be given"
            )
            raise FieldsError([(f"{place}/trim", rule)])
        return scene.start_s, scene.end_s
    try:
        start_s, end_s = check_times(trim.start_s, trim.end_s, scene.duration_s, whole="scene")
    except SceneError as error:
        wrong = [(f"{place}/trim/{field}", f"trim.{message}") for field, message in error.errors]
        raise FieldsError(wrong) from error
    return round(scene.start_s + start_s, 6), round(scene.start_s + end_s, 6)
