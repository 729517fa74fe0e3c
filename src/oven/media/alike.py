"""Neighbours that are alike: what a tape shows for a while without a change."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def first_alike(frames: Sequence[T], digests: Sequence[str | None]) -> tuple[T, ...]:
    """Put the first of a run of frames with one digest in the place of all of them; None is like nothing.

    Only neighbours: a frame that comes again later stands at another time, and has to be decoded then.
    """
    shown: list[T] = []
    last: str | None = None
    for frame, digest in zip(frames, digests, strict=True):
        shown.append(shown[-1] if digest is not None and digest == last else frame)
        last = digest
    return tuple(shown)
