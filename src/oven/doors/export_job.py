"""The job that makes an export."""

import secrets
from collections.abc import Sequence

from oven.domain.asset import NOBODY, Asset
from oven.domain.job import NewJob
from oven.doors.operation_list import AskedEdit
from oven.doors.submission import identity
from oven.doors.telling import Telling
from oven.media.edit import Edit
from oven.media.names import stem_of
from oven.recipes.export import RECIPE
from oven.recipes.export_request import ExportRequest, MarkSource
from oven.recipes.steps import Target


def export_job(
    asset: Asset,
    asked: AskedEdit,
    edit: Edit,
    marks: Sequence[MarkSource],
    *,
    bucket: str,
    telling: Telling,
    key: str = "",
) -> NewJob:
    """Make the job that edits a video; what it makes is its owner's.

    Args:
        asset: the video.
        asked: what is to become of it.
        edit: the same as it is planned by what is known of the video.
        marks: where the pictures of its watermarks are, in their order.
        bucket: where results are kept.
        telling: who is told.
        key: the caller's own for this request.

    """
    job_id = secrets.token_hex(16)
    folder = Target(bucket, f"renditions/{asset.owner or NOBODY}/{job_id}/")
    request = ExportRequest(
        asset_id=asset.id,
        source=Target(asset.bucket, asset.key),
        operations=asked.operations,
        marks=tuple(marks),
        folder=folder,
        name=stem_of(asset.name),
        duration_s=edit.duration_s,
        echo={"videoId": asset.id},
    ).as_json()
    made = edit.stills[0].file if edit.format is None else f"{request['name']}.{edit.format}"
    return NewJob(
        id=job_id,
        kind=RECIPE.kind,
        owner=asset.owner,
        identity=identity(
            RECIPE.kind,
            (telling.url, *asked.images.values()),
            *(asset.owner, asset.id, request["operations"]),
        ),
        output_key=f"{folder.bucket}/{folder.key}{made}",
        request=request,
        callback=telling.callback,
        key=key,
        progress_url=telling.progress_url,
    )
