"""The job that brings an asset, whichever door asks for it."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from oven.domain.asset import AssetStatus, AssetType, NewAsset, folder_of
from oven.domain.job import Callback, NewJob
from oven.media.names import key_name, name_of_path
from oven.recipes.ingest import KINDS
from oven.recipes.ingest_request import IngestRequest
from oven.recipes.steps import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An asset that is to be brought: what it is, and where from.

    `name` is the last of the URL's path where it is empty; `times_s` are moments of a video that pictures are
    taken of beside its first.
    """

    url: str
    type: AssetType
    name: str = ""
    metadata: Mapping[str, Any] | None = None
    folder_id: str | None = None
    tags: tuple[str, ...] = ()
    times_s: tuple[float, ...] = ()
    asset_id: str = ""


def import_job(
    wanted: Wanted,
    *,
    owner: str,
    bucket: str,
    sealed_url: str,
    identity: str,
    key: str = "",
    callback: Callback | None = None,
    progress_url: str = "",
) -> NewJob:
    """Make the job that brings an asset, and the asset as it is announced.

    Args:
        wanted: what is to be brought.
        owner: whose it will be; empty for the admin's own.
        bucket: where it is kept.
        sealed_url: where it is, its query sealed.
        identity: equal for requests that ask for the same.
        key: the caller's own for this request.
        callback: where the end is told.
        progress_url: where progress is posted, sealed.

    """
    asset_id = wanted.asset_id or str(uuid.uuid4())
    source_url = wanted.url.partition("?")[0]
    name = wanted.name or name_of_path(path_of(wanted.url)) or wanted.type
    asset = NewAsset(
        id=asset_id,
        owner=owner,
        type=wanted.type,
        name=name,
        status=AssetStatus.UPLOADING,
        bucket=bucket,
        key=f"{folder_of(owner, asset_id)}{key_name(wanted.type, name, source_url)}",
        metadata=wanted.metadata or {},
        facts={"source_url": source_url},
        folder_id=wanted.folder_id,
        tags=wanted.tags,
    )
    return job_of(
        asset,
        identity=identity,
        sealed_url=sealed_url,
        times_s=wanted.times_s,
        key=key,
        callback=callback,
        progress_url=progress_url,
    )


def job_of(
    asset: NewAsset,
    *,
    identity: str,
    sealed_url: str = "",
    times_s: tuple[float, ...] = (),
    key: str = "",
    callback: Callback | None = None,
    progress_url: str = "",
) -> NewJob:
    """Make the job that brings an asset; without a URL its object stands at its place already."""
    target = Target(asset.bucket, asset.key)
    request = IngestRequest(
        asset_id=asset.id,
        type=asset.type,
        target=target,
        thumbnails=folder_of(asset.owner, asset.id),
        url=sealed_url,
        times_s=times_s,
        echo={"asset_id": asset.id},
    )
    return NewJob(
        id=secrets.token_hex(16),
        kind=KINDS[asset.type],
        owner=asset.owner,
        identity=identity,
        output_key=f"{target.bucket}/{target.key}",
        request=request.as_json(),
        callback=callback,
        key=key,
        progress_url=progress_url,
        asset=asset,
    )


def path_of(url: str) -> str:
    """Give the path of a URL, decoded; empty where it is none that can be read."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""
