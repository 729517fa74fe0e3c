"""`python -m benchmarks NAME`: run one of the measurements and print its table."""

import sys

import anyio

from benchmarks import exports, imports, previews, proof, submit, targets

MEASUREMENTS = {
    "submit": submit.measure,
    "proof": proof.measure,
    "imports": imports.measure,
    "exports": exports.measure,
    "previews": previews.measure,
    "targets": targets.measure,
}


def main() -> None:
    """Run the measurement that is named."""
    names = ", ".join(MEASUREMENTS)
    if len(sys.argv) != 2 or sys.argv[1] not in MEASUREMENTS:
        sys.exit(f"usage: python -m benchmarks NAME, one of: {names}")
    anyio.run(MEASUREMENTS[sys.argv[1]])


if __name__ == "__main__":
    main()
