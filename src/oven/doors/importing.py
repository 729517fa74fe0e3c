"""What doors that import stand on."""

from dataclasses import dataclass

from oven.domain.job import Callback, NewJob
from oven.doors.fields import Checks
from oven.doors.import_job import Wanted, import_job
from oven.doors.ports import CheckUrl, Seal
from oven.doors.submission import identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """Where assets are kept, what may be reached for them, and what secrets are sealed with."""

    bucket: str
    check_source: CheckUrl
    check_callback: CheckUrl
    seal: Seal
    seal_url: Seal

    @property
    def checks(self) -> Checks:
        """What the fields of a request are held against."""
        return Checks(source=self.check_source, callback=self.check_callback)

    def job(
        self,
        wanted: Wanted,
        *,
        owner: str,
        callback_url: str,
        callback_secret: str,
        progress_url: str,
        key: str = "",
    ) -> NewJob:
        """Make the job that brings an asset; whichever door asks for the same, it is the same.

        Args:
            wanted: what is to be brought.
            owner: whose it will be; empty for the admin's own.
            callback_url: where the end is told; empty where it is not.
            callback_secret: what signs that; empty where nothing does.
            progress_url: where progress is posted; empty where it is not.
            key: the caller's own for this request.

        """
        callback = (
            Callback(
                url=self.seal_url(callback_url),
                sealed_secret=self.seal(callback_secret) if callback_secret else "",
            )
            if callback_url
            else None
        )
        same = (
            *(owner, wanted.type, wanted.name or None, wanted.folder_id, wanted.tags or None),
            *(wanted.metadata, wanted.times_s, wanted.asset_id or None),
        )
        return import_job(
            wanted,
            owner=owner,
            bucket=self.bucket,
            sealed_url=self.seal_url(wanted.url),
            identity=identity("import", (wanted.url, callback_url), *same),
            key=key,
            callback=callback,
            progress_url=self.seal_url(progress_url),
        )
