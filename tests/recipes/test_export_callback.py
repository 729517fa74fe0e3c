"""What a callback tells of an export."""

from oven.recipes import export_callback as told


def test_members_of_what_is_sent() -> None:
    """Of a good end and of a bad one; the job's id is put in when it is stored."""
    complete = {"videoId", "status", "video", "thumbnails", "reasons", "warnings", "verification"}
    assert set(told.ExportComplete.__annotations__) == complete
    assert set(told.ExportCompleteJson.__annotations__) == complete | {"jobId"}
    assert set(told.ExportErrorJson.__annotations__) == {
        *("videoId", "status", "error", "errorCode", "jobId"),
    }
