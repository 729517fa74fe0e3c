"""What Prometheus is told."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from oven.adapters.metrics import Metrics, count_children, disk_bytes
from oven.domain.job import JobState
from oven.pipeline.budget import Budget
from oven.pipeline.jobs import Figures
from tests.doors.test_jobs import RECORD

FIGURES = Figures(
    jobs={JobState.QUEUED: 3, JobState.RUNNING: 2, JobState.RETRYING: 0},
    oldest_waiting_ms=1_000,
    oldest_running_ms=None,
    callbacks_pending=4,
    oldest_callback_ms=6_000,
    callbacks_parked=1,
    stored_bytes=500,
)
# The video service's own names.
SEED = {
    "video_processing_jobs_total",
    "video_processing_job_duration_seconds_count",
    "video_processing_queue_size",
    "video_processing_errors_total",
    "video_storage_used_bytes",
    "video_export_size_bytes_sum",
}


def told(metrics: Metrics) -> dict[str, float]:
    """Give every sample by its name and labels."""
    text = metrics.render(
        FIGURES,
        now_ms=11_000,
        work_bytes=7,
        free_bytes=8,
        children=9,
        budget=Budget(total_bytes=1_000, held_bytes=300),
        checks={"disk": "ok", "ffmpeg": "NO"},
    ).decode()
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_stands() -> None:
    """Counts as they are, ages from then to now, nothing where there is nothing."""
    found = told(Metrics())
    assert found["video_processing_queue_size state=queued"] == 3
    assert found["video_processing_queue_size state=retrying"] == 0
    assert found["video_storage_used_bytes"] == 500
    assert found["oven_oldest_waiting_seconds"] == 10
    assert found["oven_longest_running_seconds"] == 0
    assert (found["oven_callbacks_pending"], found["oven_callback_oldest_seconds"]) == (4, 5)
    assert (found["oven_work_bytes"], found["oven_disk_free_bytes"], found["oven_children"]) == (7, 8, 9)
    assert (found["oven_healthy check=disk"], found["oven_healthy check=ffmpeg"]) == (1, 0)
    assert (found["oven_memory_budget_bytes"], found["oven_memory_held_bytes"]) == (1_000, 300)
    assert found["oven_memory_waiting"] == 0
    assert found["process_open_fds"] > 0


def test_what_happened() -> None:
    """Ended runs by how they ended, their time, their size, their errors."""
    metrics = Metrics()
    started = replace(RECORD, kind="bake", started_ms=1_000, finished_ms=3_500)
    result = {"size": 2_000_000, "encodeSeconds": 1.0, "duration": 4.0}
    metrics.hear(replace(started, state=JobState.DONE, error=None, result=result))
    # No encode is told twice.
    copied = result | {"reused": {"jobId": "earlier"}}
    metrics.hear(replace(started, kind="convert", state=JobState.DONE, error=None, result=copied))
    film = {"video": {"sizeBytes": 300_000}, "thumbnails": []}
    metrics.hear(replace(started, kind="export", state=JobState.DONE, error=None, result=film))
    stills = {"video": None, "thumbnails": [{"sizeBytes": 9}]}
    metrics.hear(replace(started, kind="export", state=JobState.DONE, error=None, result=stills))
    metrics.hear(replace(started, state=JobState.FAILED))
    metrics.hear(replace(started, state=JobState.CANCELLED, started_ms=None))
    metrics.answered(503, "POST")
    metrics.lagged(0.03)
    found = told(metrics)
    assert found["video_processing_jobs_total kind=bake status=done"] == 1
    assert found["video_processing_jobs_total kind=bake status=cancelled"] == 1
    assert found["video_processing_errors_total code=ENCODE_STALLED"] == 1
    assert found["video_processing_job_duration_seconds_sum kind=bake"] == 5
    assert found["video_export_size_bytes_bucket kind=bake le=5e+06"] == 1
    assert found["video_export_size_bytes_sum kind=export"] == 300_000
    assert found["video_export_size_bytes_count kind=export"] == 1
    assert found["oven_encode_realtime_factor_sum"] == 0.25
    assert found["oven_results_reused_total kind=convert"] == 1
    assert "oven_results_reused_total kind=bake" not in found
    assert found["oven_http_responses_total method=POST status=503"] == 1
    assert (found["oven_loop_lag_seconds_bucket le=0.025"], found["oven_loop_lag_seconds_count"]) == (0, 1)
    names = {name.split(" ")[0] for name in found}
    assert names >= SEED


def test_disk(tmp_path: Path) -> None:
    """In blocks; a hard link takes nothing."""
    (tmp_path / "a").write_bytes(b"x" * 10_000)
    os.link(tmp_path / "a", tmp_path / "b")
    assert disk_bytes(tmp_path) == (tmp_path / "a").stat().st_blocks * 512
    assert disk_bytes(tmp_path / "none") == 0


def test_children() -> None:
    """Those that run."""
    before = count_children()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert count_children() == before + 1
        child.kill()
