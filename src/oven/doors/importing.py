"""What doors that import stand on."""

from dataclasses import dataclass

from oven.domain.job import NewJob
from oven.doors.fields import Checks
from oven.doors.import_job import Wanted, import_job
from oven.doors.ports import CheckUrl, Seal
from oven.doors.submission import identity
from oven.doors.telling import AskedToTell


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
        asked: AskedToTell,
        key: str = "",
    ) -> NewJob:
        """Make the job that brings an asset; whichever door asks for the same, it is the same.

        Args:
            wanted: what is to be brought.
            owner: whose it will be; empty for the admin's own.
            asked: who is told.
            key: the caller's own for this request.

        """
        telling = asked.telling(seal=self.seal, seal_url=self.seal_url)
        same = (
            *(owner, wanted.type, wanted.name or None, wanted.folder_id, wanted.tags or None),
            *(wanted.metadata, wanted.times_s, wanted.asset_id or None),
        )
        return import_job(
            wanted,
            owner=owner,
            bucket=self.bucket,
            sealed_url=self.seal_url(wanted.url),
            identity=identity("import", (wanted.url, telling.url), *same),
            key=key,
            callback=telling.callback,
            progress_url=telling.progress_url,
        )
