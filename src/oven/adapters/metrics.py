"""What Prometheus is told: counts of what happened here, and what stands when it asks."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from oven.domain.job import ACTIVE, FINAL, JobRecord, JobState
from oven.pipeline.budget import Budget
from oven.pipeline.jobs import Figures

# Seconds of a job, from its first attempt's begin to its end.
DURATIONS_S = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200)
MEGABYTE = 1_000_000
SIZES_BYTES = tuple(size * MEGABYTE for size in (0.1, 0.5, 1, 5, 10, 25, 52.4288, 100, 500, 2_000, 5_000))
# Seconds of work for a second of video.
FACTORS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5)
LAGS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The daemon's own registry; names that begin with video_ are the video service's.

    `kinds` are those of jobs, which are counted from 0.
    """

    kinds: InitVar[Iterable[str]] = ()
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    _made: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self, kinds: Iterable[str]) -> None:
        ProcessCollector(registry=self.registry)
        own: dict[str, Any] = {"registry": self.registry}
        self._made.update(
            jobs=Counter("video_processing_jobs", "Runs of jobs that have ended", ["status", "kind"], **own),
            errors=Counter(
                "video_processing_errors", "Runs that failed, by the error's code", ["code"], **own
            ),
            duration=Histogram(
                "video_processing_job_duration_seconds",
                "From the begin of a run to its end",
                ["kind"],
                buckets=DURATIONS_S,
                **own,
            ),
            size=Histogram(
                "video_export_size_bytes", "Sizes of finished videos", ["kind"], buckets=SIZES_BYTES, **own
            ),
            queue=Gauge("video_processing_queue_size", "Jobs that have not ended", ["state"], **own),
            stored=Gauge("video_storage_used_bytes", "Results that are kept", **own),
            oldest=Gauge("oven_oldest_waiting_seconds", "Age of the job that waits longest", **own),
            running=Gauge("oven_longest_running_seconds", "Age of the run that takes longest", **own),
            factor=Histogram(
                "oven_encode_realtime_factor", "Seconds of encoding a second of video", buckets=FACTORS, **own
            ),
            reused=Counter(
                "oven_results_reused", "Results that were copied from an earlier job", ["kind"], **own
            ),
            callbacks=Gauge("oven_callbacks_pending", "Callbacks that nobody has taken yet", **own),
            callback_age=Gauge("oven_callback_oldest_seconds", "Age of the oldest of them", **own),
            parked=Gauge("oven_callbacks_parked", "Callbacks that were given up", **own),
            work=Gauge("oven_work_bytes", "What work directories take on disk", **own),
            free=Gauge("oven_disk_free_bytes", "Room on the disk of the data directory", **own),
            children=Gauge("oven_children", "Processes that work for this one", **own),
            budget=Gauge("oven_memory_budget_bytes", "What the work of all jobs may hold together", **own),
            held=Gauge("oven_memory_held_bytes", "What of it is given out", **own),
            unheld=Gauge("oven_memory_waiting", "Steps that wait for some of it", **own),
            healthy=Gauge("oven_healthy", "1 where a check of /health passes", ["check"], **own),
            lag=Histogram("oven_loop_lag_seconds", "How late the event loop is", buckets=LAGS_S, **own),
            answers=Counter(
                "oven_http_responses", "Answers, by status and method", ["status", "method"], **own
            ),
        )

        # Prometheus sees a counter rise only from where it has seen it stand.
        for kind in kinds:
            for state in FINAL:
                self._made["jobs"].labels(state.value, kind)
        self._made["answers"].labels("500", "GET")
        self._made["answers"].labels("500", "POST")

    def hear(self, record: JobRecord) -> None:
        """Count a run, once it has ended."""
        if not record.state.is_final:
            return
        made, result = self._made, record.result or {}
        made["jobs"].labels(record.state.value, record.kind).inc()
        if record.error is not None and record.state is JobState.FAILED:
            made["errors"].labels(record.error["code"]).inc()
        if record.started_ms is not None and record.finished_ms is not None:
            made["duration"].labels(record.kind).observe((record.finished_ms - record.started_ms) / 1000)
        if record.state is not JobState.DONE:
            return
        if "size" in result:
            made["size"].labels(record.kind).observe(result["size"])
            if result.get("reused"):
                made["reused"].labels(record.kind).inc()
            else:
                made["factor"].observe(result["encodeSeconds"] / result["duration"])
        elif film := result.get("video"):
            made["size"].labels(record.kind).observe(film["sizeBytes"])
        elif "file_size_bytes" in result:
            made["size"].labels(record.kind).observe(result["file_size_bytes"])

    def answered(self, status: int, method: str) -> None:
        self._made["answers"].labels(str(status), method).inc()

    def lagged(self, seconds: float) -> None:
        self._made["lag"].observe(seconds)

    def render(
        self,
        figures: Figures,
        *,
        now_ms: int,
        work_bytes: int,
        free_bytes: int,
        children: int,
        budget: Budget,
        checks: Mapping[str, str],
    ) -> bytes:
        """Give the text of /metrics, with what stands now."""

        def age_s(since_ms: int | None) -> float:
            return 0.0 if since_ms is None else max(0.0, (now_ms - since_ms) / 1000)

        made = self._made
        for state in ACTIVE:
            made["queue"].labels(state.value).set(figures.jobs.get(state, 0))
        for name, value in {
            "stored": figures.stored_bytes,
            "oldest": age_s(figures.oldest_waiting_ms),
            "running": age_s(figures.oldest_running_ms),
            "callbacks": figures.callbacks_pending,
            "callback_age": age_s(figures.oldest_callback_ms),
            "parked": figures.callbacks_parked,
            "work": work_bytes,
            "free": free_bytes,
            "children": children,
            "budget": budget.total_bytes or 0,
            "held": budget.held_bytes,
            "unheld": budget.waiting,
        }.items():
            made[name].set(value)
        for check, found in checks.items():
            made["healthy"].labels(check).set(found == "ok")
        return generate_latest(self.registry)


def disk_bytes(folder: Path) -> int:
    """Count what a folder takes on disk; what is linked twice, once."""
    blocks: dict[int, int] = {}
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                found = os.lstat(os.path.join(place, name))  # noqa: PTH118 - many, and quickly
                blocks[found.st_ino] = found.st_blocks * 512
    return sum(blocks.values())


def count_children() -> int:
    """Count the processes that this one has started and that have not ended."""
    count = 0
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            count += len((thread / "children").read_text().split())
    return count
