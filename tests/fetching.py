"""Fetching from hosts that break."""

import hashlib
import random
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.fetch import HttpFetcher
from oven.domain.errors import OvenError
from tests.breaking import BreakingHost

FILE = random.Random(3).randbytes(300_000)
LIMIT = 1_000_000
TRIES = 5


async def fetch(host: BreakingHost, into: Path, **changes: Any) -> Mapping[str, Any]:
    """Fetch the host's file with a fetcher that pauses for nothing."""
    max_bytes, timeout_s = changes.pop("max_bytes", LIMIT), changes.pop("timeout_s", None)
    report = changes.pop("report", lambda _: None)
    fetcher = HttpFetcher(
        egress=Egress(policy=EgressPolicy(networks=(ip_network("127.0.0.0/8"),))),
        timeout_s=20,
        source_hosts=frozenset(),
        **{"pauses_s": (0.0,) * TRIES} | changes,
    )
    return await fetcher.fetch(
        f"{host.base}/t.mp4?sig=a%2Fb",
        into,
        label="the video",
        max_bytes=max_bytes,
        timeout_s=timeout_s,
        growing=host.growing,
        report=report,
    )


async def failure(host: BreakingHost, into: Path, **changes: Any) -> OvenError:
    with pytest.raises(OvenError) as caught:
        await fetch(host, into, **changes)
    return caught.value


def is_whole(found: Mapping[str, Any], into: Path, file: bytes = FILE) -> bool:
    return into.read_bytes() == file and found == {
        "sha256": hashlib.sha256(file).hexdigest(),
        "sizeBytes": len(file),
    }
