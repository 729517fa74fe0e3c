"""The limits of control groups, in a tree as the kernel shows it."""

from pathlib import Path

import pytest

from oven.adapters.cgroup import memory_limit

UNLIMITED = "9223372036854771712\n"


@pytest.mark.parametrize(
    ("listed", "files", "limit"),
    [
        ("0::/system.slice/oven.service", {}, None),
        ("0::/system.slice/oven.service", {"system.slice/oven.service/memory.max": "max\n"}, None),
        ("0::/system.slice/oven.service", {"system.slice/oven.service/memory.max": "1600\n"}, 1600),
        (
            "0::/system.slice/oven.service",
            {"system.slice/oven.service/memory.max": "1600\n", "system.slice/memory.max": "900\n"},
            900,
        ),
        # A container sees its own group at the top.
        ("0::/../../docker/abc", {"memory.max": "512\n"}, 512),
        (
            "12:pids:/a\n9:cpu,memory:/a/b\n1:name=systemd:/a\n0::/x",
            {"memory/a/b/memory.limit_in_bytes": "700\n", "memory/memory.limit_in_bytes": UNLIMITED},
            700,
        ),
        ("9:memory:/a", {"memory/a/memory.limit_in_bytes": "700", "a/memory.max": "1"}, 700),
    ],
)
def test_the_smallest_counts(tmp_path: Path, listed: str, files: dict[str, str], limit: int | None) -> None:
    """Of our group and of those above, in either version."""
    (tmp_path / "cgroup").write_text(f"{listed}\n")
    for name, text in files.items():
        file = tmp_path / "fs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert memory_limit(tmp_path / "cgroup", tmp_path / "fs") == limit


def test_a_machine_without(tmp_path: Path) -> None:
    """Sets no limit; what this one says is a number, or nothing."""
    assert memory_limit(tmp_path / "none", tmp_path) is None
    assert (memory_limit() or 1) > 0
