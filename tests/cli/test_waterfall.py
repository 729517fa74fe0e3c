"""Steps as bars."""

from typing import Any

from oven.cli.waterfall import WIDTH, waterfall


def step(name: str, at: str, seconds: float | None) -> dict[str, Any]:
    return {"name": name, "startedAt": f"2026-11-20T10:00:{at}Z", "seconds": seconds}


def test_the_page() -> None:
    """Side by side what ran side by side, parts below their steps, a sign at least for the shortest."""
    attempt = {
        "startedAt": "2026-11-20T10:00:59.000Z",
        "steps": [
            step("take", "59.100", 0.4),
            step("take.download", "59.100", 0.4),
            step("list", "59.500", 0.001),
            step("encode", "59.600", 1.4),
            step("thumbnail", "59.600", 0.2),
            {**step("publish-video", "00", None), "startedAt": "2026-11-20T10:01:01.000Z"},
        ],
    }
    assert (
        waterfall(attempt)
        == """\
take             ███████████                                             0.400 s
  download       ▒▒▒▒▒▒▒▒▒▒▒                                             0.400 s
list                        █                                            0.001 s
encode                         ███████████████████████████████████████   1.400 s
thumbnail                      █████                                     0.200 s
publish-video                                                        … not ended
"""
    )


def test_it_fits_the_page() -> None:
    """However long a name is, and however short an attempt."""
    lines = waterfall(
        {"startedAt": "2026-11-20T10:00:00Z", "steps": [step("a" * 200, "00", 0.0), step("b", "00", 0.0)]}
    ).splitlines()
    assert [len(line) for line in lines] == [WIDTH, WIDTH]
    assert waterfall({"startedAt": "2026-11-20T10:00:00Z", "steps": []}) == ""
