"""Alerts and dashboard, by Prometheus' own tools and the daemon's own metrics."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oven.adapters.metrics import Metrics
from tests.tools import tool

OPS = Path(__file__).parents[2] / "ops"
# Where ./setup.sh test unpacks it, so that no Prometheus is started on the machine.
ALERTS = OPS / "alerts.yml"
NAME = re.compile(r"\b(?:video|oven|process)_[a-z0-9_]+")
SUFFIXES = ("", "_total", "_bucket", "_sum", "_count")
# Series at one minute's distance, and the alert that they fire; after so many minutes.
FIRING: dict[str, tuple[dict[str, str], str]] = {
    "OvenDown": ({'up{job="oven"}': "0x9"}, "5m"),
    "OvenRestarts": ({'process_start_time_seconds{job="oven"}': "100x9 700x9 1300x9 1900x9"}, "39m"),
    "OvenUnhealthy": ({'oven_healthy{check="storage"}': "0x9", 'oven_healthy{check="disk"}': "1x9"}, "8m"),
    "OvenQueueLong": (
        {
            'video_processing_queue_size{state="queued"}': "99x9",
            'video_processing_queue_size{state="retrying"}': "1x9",
        },
        "8m",
    ),
    "OvenJobsFail": (
        {
            'video_processing_jobs_total{status="failed",kind="bake"}': "0+2x70",
            'video_processing_jobs_total{status="done",kind="bake"}': "0+10x70",
        },
        "70m",
    ),
    "OvenMemoryShort": ({'video_processing_errors_total{code="ENCODE_OOM"}': "_x9 1x20"}, "20m"),
    "OvenJobStuck": ({"oven_longest_running_seconds": "3601x9"}, "1m"),
    "OvenJobWaitsLong": ({"oven_oldest_waiting_seconds": "3601x9"}, "1m"),
    "OvenAnswersFail": ({'oven_http_responses_total{status="500",method="GET"}': "0+1x30"}, "20m"),
    "OvenRefuses": ({'oven_http_responses_total{status="503",method="POST"}': "0+60x40"}, "30m"),
    "OvenCallersRefused": (
        {'oven_http_responses_total{status="401",method="POST"}': "0+1x40"},
        "30m",
    ),
    "OvenDiskLow": ({"oven_disk_free_bytes": "1000000000x9"}, "8m"),
    "OvenStorageGrows": (
        {"video_storage_used_bytes": "0+1000000x1600", "oven_disk_free_bytes": "5000000000x1600"},
        "1590m",
    ),
    "OvenCallbacksUntaken": ({"oven_callbacks_parked": "1x20"}, "15m"),
    "OvenLoopLate": (
        {
            'oven_loop_lag_seconds_bucket{le="0.25"}': "0+90x40",
            'oven_loop_lag_seconds_bucket{le="0.5"}': "0+120x40",
            'oven_loop_lag_seconds_bucket{le="+Inf"}': "0+120x40",
        },
        "30m",
    ),
}
# The same, on a good day.
QUIET = {
    'up{job="oven"}': "1x1600",
    'oven_healthy{check="storage"}': "1x1600",
    'video_processing_queue_size{state="queued"}': "40x1600",
    'video_processing_jobs_total{status="failed",kind="bake"}': "0+1x1600",
    'video_processing_jobs_total{status="done",kind="bake"}': "0+20x1600",
    'process_start_time_seconds{job="oven"}': "100x800 48100x800",
    'video_processing_errors_total{code="WORKER_CRASHED"}': "_x9 1x1600",
    'oven_http_responses_total{status="401",method="POST"}': "0+2x1600",
    "oven_longest_running_seconds": "60x1600",
    "oven_oldest_waiting_seconds": "300x1600",
    'oven_http_responses_total{status="202",method="POST"}': "0+60x1600",
    "oven_disk_free_bytes": "20000000000x1600",
    "video_storage_used_bytes": "0+1000x1600",
    "oven_callbacks_parked": "0x1600",
    "oven_callback_oldest_seconds": "5x1600",
    'oven_loop_lag_seconds_bucket{le="0.25"}': "0+120x1600",
    'oven_loop_lag_seconds_bucket{le="+Inf"}': "0+120x1600",
}


def names() -> set[str]:
    """Give every name that the daemon exports."""
    return {family.name + suffix for family in Metrics().registry.collect() for suffix in SUFFIXES}


def promtool(*words: object) -> str:
    ended = subprocess.run(
        [tool("promtool"), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def expressions(value: Any) -> Iterator[str]:
    """Find every query in a dashboard."""
    if isinstance(value, dict):
        if "expr" in value:
            yield value["expr"]
        for inner in value.values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)


def fires(folder: Path, series: dict[str, str], at: str) -> None:
    """Let Prometheus evaluate the rules over series, and say which alerts fire."""
    folder.mkdir(exist_ok=True)
    shutil.copy(ALERTS, folder)
    lines = [{"series": name, "values": values} for name, values in series.items()]
    quiet = [{"eval_time": at, "alertname": name, "exp_alerts": []} for name in FIRING]
    test = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": lines, "alert_rule_test": quiet}],
    }
    (folder / "test.yml").write_text(json.dumps(test))


def test_the_rules_are_rules() -> None:
    """By Prometheus' own check; each has words for who is woken by it."""
    assert f"{len(FIRING)} rules found" in promtool("check", "rules", ALERTS)
    text = ALERTS.read_text()
    assert text.count("summary:") == text.count("action:") == len(FIRING)


@pytest.mark.parametrize("alert", FIRING)
def test_each_alert_fires(alert: str, tmp_path: Path) -> None:
    """On the series that it is for; what promtool complains of is that it did."""
    series, at = FIRING[alert]
    fires(tmp_path, series, at)
    with pytest.raises(AssertionError) as caught:
        promtool("test", "rules", tmp_path / "test.yml")
    said = str(caught.value)
    assert f"alertname: {alert}, " in said
    assert said.count("alertname: ") == 1, said


def test_none_fires_on_a_good_day(tmp_path: Path) -> None:
    """Work, a few failures, a disk that fills slowly."""
    fires(tmp_path, QUIET, "1590m")
    promtool("test", "rules", tmp_path / "test.yml")


def test_every_metric_is_one_of_ours() -> None:
    """In alerts and dashboard; a name that nobody exports would be silent for ever."""
    known = names()
    used = set(NAME.findall(ALERTS.read_text()))
    queries = list(expressions(json.loads((OPS / "dashboard.json").read_text())))
    used |= {name for query in queries for name in NAME.findall(query)}
    assert len(queries) > 10
    assert used <= known
    assert {name for name in used if name.startswith("video_")} >= {
        "video_processing_queue_size",
        "video_storage_used_bytes",
    }


def test_every_query_is_one(tmp_path: Path) -> None:
    """Prometheus understands each."""
    queries = expressions(json.loads((OPS / "dashboard.json").read_text()))
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", tmp_path / "panels.yml")
