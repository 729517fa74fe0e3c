"""Oven's HTTP API as methods."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack, cast
from urllib.parse import quote

from oven.client.answers import Asset, AssetStatus, AssetType, Job
from oven.client.callbacks import verify_callback
from oven.client.download import download
from oven.client.errors import OvenError
from oven.client.exports import Exports
from oven.client.imports import Import, ImportOptions, written
from oven.client.place import place_of
from oven.client.shorts import Shorts
from oven.client.transport import Transport
from oven.client.waiting import until_ended

DEFAULT_URL = "http://127.0.0.1:3000"
PAGE = 100


class Oven:
    """An Oven, as one caller sees it; threads and forked processes may share it.

    GETs, imports and exports are asked again where the connection breaks or Oven says to come back, five
    times and `timeout_s` in all; a repeated one is the same one.
    """

    def __init__(
        self, base_url: str = DEFAULT_URL, token: str = "", timeout_s: float = 30.0, *, tries: int = 5
    ) -> None:
        """Say which Oven, and who asks; nothing is asked yet.

        Args:
            base_url: http://…, https://…, or unix:/PATH of its socket.
            token: an API key, a user's JWT or the admin's token; none from the same machine is the admin.
            timeout_s: of one call, its repeats included.
            tries: so often at most is one thing asked.

        Raises:
            ValueError: the address is none, or the token cannot be one.

        """
        if not token.isprintable():
            raise ValueError("a token has no line breaks, nor other characters that are not printed")
        self.transport = Transport(place=place_of(base_url), token=token, timeout_s=timeout_s, tries=tries)
        self.exports = Exports(self.transport)
        self.shorts = Shorts(self.transport)

    def __repr__(self) -> str:
        """Tell where it is, and no token."""
        return f"Oven({self.transport.place.shown!r})"

    def import_from_url(
        self,
        url: str,
        *,
        type: AssetType = "video",  # noqa: A002 - the API's own word
        idempotency_key: str | None = None,
        **options: Unpack[ImportOptions],
    ) -> Asset:
        """Have what is at a URL fetched, proved and kept → its asset, which is mostly not READY yet.

        Raises:
            OvenError: FIELD_INVALID, URL_BLOCKED and others; nothing was accepted.
            UnreachableError: nobody answered; whether it was accepted the same key tells.

        """
        said = self.transport.ask(
            "POST",
            "/api/v1/media/import-from-url",
            body=written({"url": url, "type": type, **options}),
            key=idempotency_key or str(uuid.uuid4()),
        )
        return cast("Asset", said)

    def import_video(
        self, url: str, *, idempotency_key: str | None = None, **options: Unpack[ImportOptions]
    ) -> Asset:
        """Import a video, as `import_from_url` does."""
        return self.import_from_url(url, type="video", idempotency_key=idempotency_key, **options)

    def import_audio(
        self, url: str, *, idempotency_key: str | None = None, **options: Unpack[ImportOptions]
    ) -> Asset:
        """Import a sound, as `import_from_url` does."""
        return self.import_from_url(url, type="audio", idempotency_key=idempotency_key, **options)

    def import_image(
        self, url: str, *, idempotency_key: str | None = None, **options: Unpack[ImportOptions]
    ) -> Asset:
        """Import a picture, as `import_from_url` does; it is mostly READY when this returns.

        Raises:
            OvenError: also why it failed, where it did in less than half a minute.

        """
        return self.import_from_url(url, type="image", idempotency_key=idempotency_key, **options)

    def import_batch(self, imports: Sequence[Import]) -> list[Asset]:
        """Have several imported, all or none of them accepted → their assets, in order.

        Nothing is waited for, pictures neither.  It is asked again only where each has an `asset_id`.

        Raises:
            OvenError: FIELD_INVALID, QUEUE_FULL and others; nothing was accepted.
            UnreachableError: nobody answered.

        """
        said = self.transport.ask(
            "POST",
            "/api/v1/media/import-from-url/batch",
            body={"imports": [written(one) for one in imports]},
            is_repeatable=all(one.get("asset_id") is not None for one in imports),
        )
        return cast("list[Asset]", said["assets"])

    def asset(self, asset_id: str | uuid.UUID) -> Asset:
        """Look at an asset.

        Raises:
            OvenError: NOT_FOUND, there is none, or it is another's.

        """
        return cast("Asset", self.transport.ask("GET", _asset(asset_id)))

    def assets(
        self,
        *,
        type: AssetType | None = None,  # noqa: A002 - the API's own word
        status: AssetStatus | None = None,
        folder_id: str | uuid.UUID | None = None,
        tag: str | None = None,
        q: str | None = None,
        user_id: str | uuid.UUID | None = None,
    ) -> Iterator[Asset]:
        """Give all assets that are so, newest first; pages are asked for as they are needed.

        Args:
            type: what they are.
            status: where they stand.
            folder_id: where they lie; empty for those in no folder.
            tag: what they are tagged with.
            q: what is in their names, whatever the case of its letters.
            user_id: whose they are; for the admin, who else sees everybody's.

        """
        filters: Mapping[str, Any] = {
            "type": type,
            "status": status,
            "folder_id": folder_id,
            "tag": tag,
            "q": q,
            "user_id": user_id,
        }
        query = {name: str(value) for name, value in filters.items() if value is not None}
        query["limit"] = str(PAGE)
        while True:
            page = self.transport.ask("GET", "/api/v1/media", query=query)
            yield from page["assets"]
            if not page["next_cursor"]:
                return
            query["cursor"] = page["next_cursor"]

    def update(
        self,
        asset_id: str | uuid.UUID,
        *,
        name: str | None = None,
        folder_id: str | uuid.UUID | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Asset:
        """Change what is given of an asset → the asset.

        Args:
            asset_id: which.
            name: its name.
            folder_id: where it lies; empty takes it out of any folder.
            tags: all of its tags.
            metadata: laid over what the caller had said; None takes a member away.

        Raises:
            OvenError: FIELD_INVALID, NOT_FOUND.

        """
        body = written({"name": name, "folder_id": folder_id, "tags": tags, "metadata": metadata})
        return cast("Asset", self.transport.ask("PATCH", _asset(asset_id), body=body, is_repeatable=True))

    def delete(self, asset_id: str | uuid.UUID) -> None:
        """Delete an asset; what brings it is cancelled, its files go later.

        Raises:
            OvenError: NOT_FOUND, there is none, or it is gone already.

        """
        self.transport.ask("DELETE", _asset(asset_id))

    def status(self, job_id: str) -> Job:
        """Look at a job.

        Raises:
            OvenError: NOT_FOUND, there is none, or it is another's.

        """
        return cast("Job", self.transport.ask("GET", _job(job_id)))

    def wait(
        self,
        job_id: str,
        timeout_s: float = 3_600.0,
        *,
        on_progress: Callable[[Job], None] | None = None,
    ) -> Job:
        """Wait until a job has ended → the job, done, failed or cancelled.

        A daemon that is started anew meanwhile is waited for, two minutes long.

        Args:
            job_id: such as an asset's `import_job_id`.
            timeout_s: of all the waiting.
            on_progress: is told the job at once and whenever it has moved.

        Raises:
            WaitTimeoutError: it has not ended; it goes on.
            OvenError: NOT_FOUND and others.
            UnreachableError: nobody has answered for two minutes.

        """
        return until_ended(self.transport, _job(job_id), timeout_s=timeout_s, tell=on_progress)

    def cancel(self, job_id: str) -> Job:
        """End a job now, queued or running.

        Raises:
            OvenError: JOB_CONFLICT, it has ended already; NOT_FOUND.

        """
        return cast("Job", self.transport.ask("DELETE", _job(job_id)))

    def retry(self, job_id: str) -> Job:
        """Run a job that has ended once more, under the same id.

        Raises:
            OvenError: JOB_CONFLICT, it has not ended; NOT_FOUND.

        """
        return cast("Job", self.transport.ask("POST", f"{_job(job_id)}/retry"))

    def download(self, asset_id_or_url: str | uuid.UUID, path: str | Path) -> Path:
        """Bring an asset, proved by its checksum, or what is at its `url` or `thumbnail_url`, to a file.

        The file appears whole or not at all; what has its name is replaced.

        Raises:
            OvenError: ASSET_NOT_READY, DOWNLOAD_REJECTED, CHECKSUM_MISMATCH, NOT_FOUND.
            UnreachableError: nobody answered, or the connection broke off.
            OSError: the file cannot be written.

        """
        url, checksum = str(asset_id_or_url), None
        if "://" not in url:
            asset = self.asset(url)
            if asset["status"] != "READY":
                raise OvenError(
                    "ASSET_NOT_READY",
                    f"asset {asset['id']} is {asset['status']}; it must be READY",
                    retryable=asset["status"] != "FAILED",
                )
            url, checksum = asset["url"], asset["checksum"]
        return download(url, Path(path), checksum=checksum, timeout_s=self.transport.timeout_s)

    verify_callback = staticmethod(verify_callback)


def _asset(asset_id: str | uuid.UUID) -> str:
    return f"/api/v1/media/{quote(str(asset_id), safe='', errors='replace')}"


def _job(job_id: str) -> str:
    return f"/v1/jobs/{quote(job_id, safe='', errors='replace')}"
