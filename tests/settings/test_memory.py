"""How much memory Oven may hold."""

import pytest

from oven.domain.errors import BadInputError
from oven.settings import read_settings
from oven.settings.memory import memory_budget

MIB = 1 << 20


@pytest.mark.parametrize(
    ("given", "installed_mib", "limit_mib", "total_mib", "origin"),
    [
        ({}, 1_967, None, 1_398, "by this machine's 1,967 MB"),
        # The droplet, under the unit's MemoryMax=80%.
        ({}, 1_967, 1_573, 1_398, "by the control group's limit of 1,573 MB"),
        ({}, 64_000, 900, 800, "by the control group's limit of 900 MB"),
        ({}, 1_967, 64_000, 1_398, "by this machine's 1,967 MB"),
        ({"OVEN_MEMORY_BUDGET_MB": "3000"}, 1_967, 900, 3_000, "OVEN_MEMORY_BUDGET_MB"),
    ],
)
def test_how_much(
    given: dict[str, str], installed_mib: int, limit_mib: int | None, total_mib: int, origin: str
) -> None:
    """What the operator says; else by the machine or its control groups, whichever is less."""
    found = memory_budget(
        read_settings(given),
        installed_bytes=installed_mib * MIB,
        limit_bytes=None if limit_mib is None else limit_mib * MIB,
    )
    assert (found.total_bytes // MIB, found.origin) == (total_mib, origin)
    assert found.total_bytes - found.children_bytes == 150 * MIB


def test_a_machine_that_is_too_small() -> None:
    """Still has something for work, one by one."""
    found = memory_budget(read_settings({}), installed_bytes=128 * MIB, limit_bytes=None)
    assert found.children_bytes == 1


def test_too_little_for_one_bake() -> None:
    """Is refused, in words."""
    with pytest.raises(BadInputError) as caught:
        read_settings({"OVEN_MEMORY_BUDGET_MB": "100"})
    assert "OVEN_MEMORY_BUDGET_MB is '100'; it must be a whole number from 384 to 1048576" in str(
        caught.value
    )
