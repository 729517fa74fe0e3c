"""Rows, written and read."""

from oven.adapters.database.rows import artifact_values, message_values, to_json
from oven.domain.job import Callback, JobRecord, JobState
from oven.recipes.plan import Artifact
from oven.recipes.steps import Target

RECORD = JobRecord(
    id="j",
    kind="bake",
    owner="",
    state=JobState.DONE,
    run=2,
    attempt=1,
    crashes=0,
    token="",
    seq=1,
    output_key="",
    request={},
    callback=Callback(url="https://example.com/", sealed_secret="s"),
    progress=1.0,
    phase="",
    created_ms=1,
    available_ms=1,
    started_ms=None,
    finished_ms=None,
    result=None,
    error=None,
)


def test_a_message_is_known_by_job_event_and_run() -> None:
    """Without dots, as Standard Webhooks wants ids."""
    values = message_values(RECORD, {"status": "complete"}, 7)
    assert values["id"] == "msg_j_final_2"
    assert values["body"] == b'{"status":"complete","jobId":"j"}'
    assert (values["next_at"], values["state"], values["sealed_secret"]) == (7, "pending", "s")


def test_an_artifact_is_its_runs() -> None:
    """And says where it is and what."""
    artifact = Artifact(
        name="video",
        target=Target("b", "k"),
        content_type="video/mp4",
        is_public=True,
        size_bytes=5,
        sha256="x",
    )
    values = artifact_values(RECORD, artifact)
    assert (values["job"], values["run"], values["bucket"], values["key"]) == ("j", 2, "b", "k")


def test_json_is_compact() -> None:
    """As text."""
    assert to_json({"a": [1]}) == '{"a":[1]}'
