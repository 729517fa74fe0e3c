"""Parts of a stored film, brought to their places."""

from pathlib import Path

import pytest

from oven.adapters.files import LocalFiles
from oven.adapters.storage.local import LocalStorage
from oven.domain.errors import Code, TransientError
from oven.media.spans import GAP_BYTES, Span
from oven.pipeline import parts as module
from oven.pipeline.parts import MAX_BOXES, MAX_INDEX_BYTES, Parts
from oven.pipeline.storage import Piece
from oven.recipes.steps import Target

TARGET = Target("b", "film.mp4")


class Counting(LocalStorage):
    """A store that remembers what is read of it."""

    reads: list[Span] = []  # noqa: RUF012 - emptied by each test

    async def read(self, target: Target, *, start: int, length: int, version: str = "") -> Piece:
        self.reads.append(Span(start, start + length))
        return await LocalStorage.read(self, target, start=start, length=length, version=version)


def box(kind: bytes, payload: bytes = b"") -> bytes:
    return (8 + len(payload)).to_bytes(4) + kind + payload


MEDIA = bytes(range(1, 201)) * 10_000
FTYP, MOOV, MDAT = box(b"ftyp", b"isom"), box(b"moov", b"index" * 20_000), box(b"mdat", MEDIA)
LARGE_MDAT = (1).to_bytes(4) + b"mdat" + (16 + len(MEDIA)).to_bytes(8) + MEDIA
LAST_MDAT = bytes(4) + b"mdat" + MEDIA


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    Counting.reads.clear()
    storage = Counting(buckets={"b": tmp_path / "store"})
    return Parts(
        target=TARGET, file=tmp_path / "source", storage=storage, files=LocalFiles(max_copied_bytes=1)
    )


def put(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "store").mkdir(exist_ok=True)
    (tmp_path / "new").write_bytes(data)
    (tmp_path / "new").rename(tmp_path / "store/film.mp4")


@pytest.mark.parametrize(
    ("film", "reads"),
    [
        (FTYP + MOOV + MDAT, 3),
        (FTYP + MDAT + MOOV, 3),
        (FTYP + LARGE_MDAT + MOOV, 3),
        (FTYP + MOOV + LAST_MDAT, 3),
        (box(b"ftyp") + box(b"free") + box(b"moov", b"short") + box(b"mdat"), 1),
    ],
)
async def test_an_index(parts: Parts, tmp_path: Path, film: bytes, reads: int) -> None:
    """Wherever it stands: it comes, with every box's header; of the rest hardly anything."""
    put(tmp_path, film)
    assert await parts.bring_index()
    made = (tmp_path / "source").read_bytes()
    assert len(made) == len(film) == parts.size_bytes
    at = film.index(b"moov") - 4
    assert made[at:][: len(MOOV)] == film[at:][: len(MOOV)]
    at = film.find(b"mdat") - 4
    assert made[at:][:16] == film[at:][:16]
    assert len(parts.storage.reads) == reads  # type: ignore[attr-defined]
    assert sum(span.length for span in Counting.reads) < 5 * module.WINDOW_BYTES


@pytest.mark.parametrize(
    "film",
    [
        FTYP + MOOV + box(b"moof") + MDAT,
        FTYP + MDAT,
        FTYP + box(b"free") * MAX_BOXES + MOOV,
        FTYP + (MAX_INDEX_BYTES + 1).to_bytes(4) + b"moov" + bytes(9),
        FTYP + (4).to_bytes(4) + b"evil" + MOOV,
        b"short",
        FTYP + b"rest",
    ],
)
async def test_a_film_without_one(parts: Parts, tmp_path: Path, film: bytes) -> None:
    """In fragments, or of boxes that lead nowhere: it cannot be read in parts."""
    put(tmp_path, film)
    assert not await parts.bring_index()


async def test_ranges(parts: Parts, tmp_path: Path) -> None:
    """Each at its place, in pieces; between them is nothing, and takes no room."""
    film = FTYP + MOOV + MDAT
    put(tmp_path, film)
    await parts.bring_index()
    Counting.reads.clear()
    spans = [Span(1_000_000, 1_000_100), Span(1_900_000, len(film))]
    await parts.bring([Span(0, 100), *spans])
    made = (tmp_path / "source").read_bytes()
    for start, end in spans:
        assert made[start:end] == film[start:end]
    assert not any(made[1_000_100 + GAP_BYTES : 1_900_000])
    # What is there already is not asked for again.
    assert sorted(Counting.reads) == spans
    assert (tmp_path / "source").stat().st_blocks * 512 < len(film) / 2


async def test_a_film_that_is_replaced_meanwhile(parts: Parts, tmp_path: Path) -> None:
    """Is not mixed with what was there before."""
    put(tmp_path, FTYP + MOOV + MDAT)
    await parts.bring_index()
    put(tmp_path, FTYP + MOOV + MDAT)
    with pytest.raises(TransientError) as caught:
        await parts.bring([Span(1_000_000, 1_000_100), Span(1_900_000, 1_900_001)])
    assert caught.value.code is Code.DOWNLOAD_CHANGED
