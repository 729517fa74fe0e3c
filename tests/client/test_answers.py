"""What the client says that Oven answers, beside what Oven says."""

from typing import get_args, get_type_hints

from oven.client.answers import (
    Asset,
    AssetError,
    AssetStatus,
    AssetType,
    Job,
    JobCallback,
    JobError,
    JobState,
)
from oven.domain import asset, job
from oven.doors.asset import AssetErrorJson, AssetJson
from oven.doors.job import JobErrorJson, JobJson
from oven.doors.timeline import CallbackJson


def test_a_job() -> None:
    """Has just the members that are sent."""
    for ours, sent in ((Job, JobJson), (JobError, JobErrorJson), (JobCallback, CallbackJson)):
        assert set(get_type_hints(ours)) == set(get_type_hints(sent))


def test_an_asset() -> None:
    """Likewise."""
    for ours, sent in ((Asset, AssetJson), (AssetError, AssetErrorJson)):
        assert set(get_type_hints(ours)) == set(get_type_hints(sent))


def test_words() -> None:
    """Of states, statuses and types are Oven's own."""
    for ours, words in (
        (JobState, job.JobState),
        (AssetStatus, asset.AssetStatus),
        (AssetType, asset.AssetType),
    ):
        assert get_args(ours) == tuple(words)
