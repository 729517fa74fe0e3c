"""What a callback tells of an import."""

from oven.recipes import ingest_callback as told


def test_members_of_what_is_sent() -> None:
    """Of a good end and of a bad one; the job's id is put in when it is stored."""
    assert set(told.ImportReadyJson.__annotations__) - set(told.ImportReady.__annotations__) == {"jobId"}
    assert set(told.ImportErrorJson.__annotations__) == {
        *("asset_id", "status", "error", "errorCode", "jobId"),
    }
