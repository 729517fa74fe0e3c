"""What a callback tells of a short."""

from oven.recipes import short_callback as told


def test_members_of_what_is_sent() -> None:
    """Of a good end and of a bad one; the job's id is put in when it is stored."""
    complete = {
        *("scene_id", "video_id", "status", "key", "file_size_bytes", "duration_s", "resolution"),
        *("lifetime_s", "warnings", "verification"),
    }
    assert set(told.ShortComplete.__annotations__) == complete
    assert set(told.ShortCompleteJson.__annotations__) == complete | {"jobId"}
    assert set(told.ShortErrorJson.__annotations__) == {
        *("scene_id", "video_id", "status", "error", "errorCode", "jobId"),
    }
