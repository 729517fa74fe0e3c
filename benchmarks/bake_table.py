"""What was measured of bakes, as tables and as rows."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.bake_truth import Truth
from benchmarks.bake_ways import Way
from benchmarks.children import Cost
from benchmarks.tapes import Recording

MIB = 1 << 20
# The least that films of equal quality may differ by, as far as these measures can tell.
PSNR_GRAIN, SSIM_GRAIN = 0.005, 0.00005
HEADS = (
    "wall s",
    "CPU s",
    "peak MiB",
    "bytes",
    "PSNR",
    "SSIM",
    "luma PSNR",
    "luma SSIM",
    "frames",
    "start error ms",
    "end error ms",
)


class Case(NamedTuple):
    """A tape, how many times larger its film is, what Oven is held against, and whether that has sound."""

    tape: str
    scale: int
    reference: Callable[[Recording, Path, int], Way]
    sound: bool


class Bound(NamedTuple):
    """What is promised of a case: at most so much of the reference's, by column; None where nothing is."""

    wall: float | None
    cpu: float
    peak: float
    bytes: float


BOUNDS = {("drawing", 6): Bound(0.4, 0.4, 0.2, 1.2), ("plasma", 6): Bound(None, 0.2, 0.2, 0.7)}


class Found(NamedTuple):
    """A way's costs, round by round, and what its film is like."""

    way: Way
    costs: list[Cost]
    size_bytes: int
    truth: Truth

    def row(self) -> list[str]:
        cost, truth = median(self.costs), self.truth
        return [
            f"{cost.wall_s:.2f}",
            f"{cost.cpu_s:.2f}",
            f"{cost.peak_bytes / MIB:.0f}",
            f"{self.size_bytes:,}",
            f"{truth.psnr_rgb:.2f}",
            f"{truth.ssim_rgb:.5f}",
            f"{truth.psnr_luma:.2f}",
            f"{truth.ssim_luma:.5f}",
            f"{truth.frames}",
            f"{truth.largest_start_error_s * 1000:.1f}",
            f"{truth.end_error_s * 1000:+.1f}",
        ]


def median(costs: Sequence[Cost]) -> Cost:
    """Give the medians of costs, column by column."""
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def ratios(costs: Sequence[Cost], of: Sequence[Cost]) -> Cost:
    """Give the medians of the ratios, pair by pair: both of a pair ran one after the other."""
    pairs = zip(costs, of, strict=True)
    return median([Cost(*(a / b for a, b in zip(one, other, strict=True))) for one, other in pairs])


def table(case: Case, tape: Recording, found: Sequence[Found]) -> Iterator[str]:
    kind = tape.kind
    size = f"{kind.width * case.scale}×{kind.height * case.scale}"
    sound = "" if case.sound else ", without sound"
    heads = [*HEADS, *(["VMAF"] if found[0].truth.vmaf is not None else [])]
    yield f"\n**{case.tape}**, {kind.width}×{kind.height} → {size}, {len(tape.starts_s)} frames{sound}\n"
    yield f"| | {' | '.join(heads)} |"
    yield f"|---|{'---|' * len(heads)}"
    for one in found:
        vmaf = [] if one.truth.vmaf is None else [f"{one.truth.vmaf:.2f}"]
        yield f"| {one.way.name} | {' | '.join([*one.row(), *vmaf])} |"
    for one in found[1:]:
        yield f"| … of the reference | {' | '.join(_compared(one, found[0]))} |"
    if bound := BOUNDS.get((case.tape, case.scale)):
        yield ""
        yield from _judged(bound, found[-1], found[0])


def _compared(one: Found, reference: Found) -> list[str]:
    ratio, truth, other = ratios(one.costs, reference.costs), one.truth, reference.truth
    return [
        f"{ratio.wall_s:.2f}",
        f"{ratio.cpu_s:.2f}",
        f"{ratio.peak_bytes:.2f}",
        f"{one.size_bytes / reference.size_bytes:.2f}",
        f"{truth.psnr_rgb - other.psnr_rgb:+.2f}",
        f"{truth.ssim_rgb - other.ssim_rgb:+.5f}",
        f"{truth.psnr_luma - other.psnr_luma:+.2f}",
        f"{truth.ssim_luma - other.ssim_luma:+.5f}",
        *[""] * (3 + (truth.vmaf is not None)),
    ]


def _judged(bound: Bound, one: Found, reference: Found) -> Iterator[str]:
    """Say of each number that is promised whether this run keeps it."""
    ratio, truth, other = ratios(one.costs, reference.costs), one.truth, reference.truth
    asked = [
        ("time", ratio.wall_s, bound.wall),
        ("CPU", ratio.cpu_s, bound.cpu),
        ("memory", ratio.peak_bytes, bound.peak),
        ("bytes", one.size_bytes / reference.size_bytes, bound.bytes),
    ]
    for name, value, most in asked:
        if most is not None:
            yield f"- {name}: {value:.3f}, at most {most}: {_word(is_kept=value <= most)}"
    psnr = min(truth.psnr_rgb - other.psnr_rgb, truth.psnr_luma - other.psnr_luma)
    ssim = min(truth.ssim_rgb - other.ssim_rgb, truth.ssim_luma - other.ssim_luma)
    yield f"- PSNR: {psnr:+.2f} dB, no lower: {_word(is_kept=psnr >= -PSNR_GRAIN)}"
    yield f"- SSIM: {ssim:+.5f}, no lower: {_word(is_kept=ssim >= -SSIM_GRAIN)}"


def _word(*, is_kept: bool) -> str:
    return "kept" if is_kept else "**not kept**"


RAW_HEADS = [
    *("tape", "scale", "way", "round", "wall_s", "cpu_s", "peak_bytes", "size_bytes", "picture_bytes"),
    *("psnr_rgb", "ssim_rgb", "psnr_luma", "ssim_luma", "vmaf", "frames", "dropped"),
    *("largest_start_error_s", "end_error_s"),
]


def raw_rows(case: Case, one: Found) -> Iterator[list[str]]:
    truth = one.truth
    quality = [truth.psnr_rgb, truth.ssim_rgb, truth.psnr_luma, truth.ssim_luma]
    for number, cost in enumerate(one.costs, 1):
        yield [
            *(case.tape, str(case.scale), one.way.name, str(number)),
            *(f"{cost.wall_s:.3f}", f"{cost.cpu_s:.3f}", str(cost.peak_bytes)),
            *(str(one.size_bytes), str(truth.picture_bytes), *(f"{value:.5f}" for value in quality)),
            *("" if truth.vmaf is None else f"{truth.vmaf:.3f}", str(truth.frames), str(truth.dropped)),
            *(f"{truth.largest_start_error_s:.6f}", f"{truth.end_error_s:.6f}"),
        ]
