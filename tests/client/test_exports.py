"""Exports by methods, against a real daemon."""

from pathlib import Path
from typing import Any, get_type_hints

import pytest

from oven.client import Export, ExportLinks, Operation, Oven, OvenError
from oven.doors.export import ExportJson
from oven.doors.export_runs import DownloadJson
from tests.calls import call
from tests.client.conftest import VIDEO
from tests.daemons import running_daemon
from tests.site import Site

SMALL: Operation = {"type": "transcode", "options": {"resolution": "32x32", "preset": "ultrafast"}}
BROKEN: Operation = {"type": "trim", "options": {"begin": 1}}


@pytest.mark.parametrize(("ours", "said"), [(Export, ExportJson), (ExportLinks, DownloadJson)])
def test_answers_have_the_members_that_are_sent(ours: Any, said: Any) -> None:
    """No more, no less."""
    assert set(get_type_hints(ours)) == set(get_type_hints(said))


async def test_an_export(tmp_path: Path, media: Site) -> None:
    """Is asked for, looked at, cancelled; what cannot be says where."""
    with running_daemon(tmp_path / "data") as daemon:
        oven = Oven(daemon.base)
        asset = await call(oven.import_video, media.base + VIDEO)
        await call(oven.wait, asset["metadata"]["import_job_id"])
        plan = await call(oven.exports.dry_run, asset["id"], [SMALL])
        assert (plan["dryRun"], plan["output"]["width"]) == (True, 32)
        with pytest.raises(OvenError) as refused:
            await call(oven.exports.create, asset["id"], [SMALL, BROKEN])
        assert refused.value.code == "OPERATION_INVALID"
        assert [each["pointer"] for each in refused.value.errors] == ["/operations/1/options/begin"]
        made = await call(oven.exports.create, asset["id"], [SMALL], idempotency_key="1")
        assert await call(oven.exports.create, asset["id"], [SMALL], idempotency_key="1") == made
        assert (await call(oven.exports.status, made))["videoId"] == asset["id"]
        with pytest.raises(OvenError, match="JOB_CONFLICT"):
            await call(oven.exports.links, made)
        assert (await call(oven.exports.cancel, made))["status"] == "cancelled"
        with pytest.raises(OvenError, match="NOT_FOUND"):
            await call(oven.exports.status, "../exports")
