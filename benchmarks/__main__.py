"""`python -m benchmarks NAME`: run one of the measurements and print its table; some take more words."""

import sys

import anyio

from benchmarks import (
    bake,
    bake_sweep,
    capacity,
    exports,
    imports,
    overhead,
    previews,
    proof,
    reuse,
    short,
    short_sweep,
    submit,
    tapes,
    targets,
    weights,
)

MEASUREMENTS = {
    "submit": submit.measure,
    "proof": proof.measure,
    "imports": imports.measure,
    "exports": exports.measure,
    "previews": previews.measure,
    "targets": targets.measure,
    "capacity": capacity.measure,
    "weights": weights.measure,
    "overhead": overhead.measure,
    "reuse": reuse.measure,
}
# What takes more words.
WITH_WORDS = {
    "bake-sweep": bake_sweep.measure,
    "bake": bake.measure,
    "tapes": tapes.write_all,
    "short": short.measure,
    "short-sweep": short_sweep.measure,
}


def main() -> None:
    """Run the measurement that is named."""
    _, *words = sys.argv
    if words and words[0] in WITH_WORDS:
        anyio.run(WITH_WORDS[words[0]], *words[1:])
        return
    if len(words) != 1 or words[0] not in MEASUREMENTS:
        names = ", ".join([*MEASUREMENTS, *(f"{name} …" for name in WITH_WORDS)])
        sys.exit(
            f"usage: python -m benchmarks NAME, one of: {names}\n"
            "(… takes more words, see NAME --help; docs/benchmarks.md says what each measures)"
        )
    anyio.run(MEASUREMENTS[words[0]])


if __name__ == "__main__":
    main()
