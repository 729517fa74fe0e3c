"""Clusters of a stored Matroska file, brought to where ffmpeg finds them."""

from pathlib import Path

import pytest

from oven.adapters.files import LocalFiles
from oven.adapters.storage.local import LocalStorage
from oven.media.matroska import CLUSTER, CUES, SEGMENT
from oven.pipeline import clusters as module
from oven.pipeline.clusters import Wanted, bring_clusters
from oven.pipeline.parts import Parts
from oven.recipes.steps import Target
from tests.previews import film

SCENE = Wanted(stream=0, start_s=1.1, middle_s=2.3, until_s=3.5, key_bytes=1, max_bytes=1 << 20)


WORDS = ("-g", "10", "-sc_threshold", "0", "-cluster_time_limit", "1000")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film whose every cluster begins with a key frame."""
    return film(tmp_path_factory.mktemp("film") / "a.mkv", *WORDS).read_bytes()


@pytest.fixture(scope="module")
def cued_first(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same, whose cues stand before it."""
    return film(tmp_path_factory.mktemp("film") / "a.mkv", *WORDS, "-cues_to_front", "1").read_bytes()


def parts(tmp_path: Path, data: bytes) -> Parts:
    (tmp_path / "store").mkdir(exist_ok=True)
    (tmp_path / "store/film").write_bytes(data)
    storage = LocalStorage(buckets={"b": tmp_path / "store"})
    files = LocalFiles(max_copied_bytes=1)
    return Parts(target=Target("b", "film"), file=tmp_path / "source", storage=storage, files=files)


async def test_clusters(tmp_path: Path, whole: bytes) -> None:
    """The beginning, nothing, and then those of the frame, at their places; there the file ends."""
    assert await bring_clusters(parts(tmp_path, whole), SCENE)
    made = (tmp_path / "source").read_bytes()
    first = whole.index(CLUSTER)
    assert made[:first] == whole[:first]
    assert made[first] == 0xEC
    start = len(made) - 1
    assert whole[start] == made[start]
    assert whole[start:].startswith(CLUSTER[:1])


async def test_a_group_of_pictures(tmp_path: Path, whole: bytes) -> None:
    """All of its clusters come, where the scene has no key frame; not if they are too many."""
    scene = SCENE._replace(start_s=2.2, until_s=2.9)
    assert await bring_clusters(parts(tmp_path, whole), scene)
    made = (tmp_path / "source").read_bytes()
    end = whole.index(CLUSTER, len(made) - 3)
    assert end == len(made)
    assert not await bring_clusters(parts(tmp_path, whole), scene._replace(max_bytes=10))


async def test_the_last_clusters(tmp_path: Path, whole: bytes, cued_first: bytes) -> None:
    """Come up to the cues, or to the end."""
    scene = SCENE._replace(start_s=4.2, middle_s=4.5, until_s=4.9)
    for each, end in ((whole, whole.rindex(CUES)), (cued_first, len(cued_first))):
        assert await bring_clusters(parts(tmp_path, each), scene)
        assert (tmp_path / "source").stat().st_size == end
        (tmp_path / "source").unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole[: whole.index(CLUSTER)],
        lambda whole: whole[:40],
        lambda _: b"none",
        # A stream's: without cues, or with ones that are none.
        lambda whole: whole.replace(CUES, b"\x1c\x53\xbb\x6c"),
        lambda whole: whole.replace(SEGMENT, b"\x18\x53\x80\x68"),
        lambda whole: whole[: whole.rindex(CUES)],
    ],
)
async def test_what_has_no_cues(tmp_path: Path, whole: bytes, spoil: object) -> None:
    """Cannot be read in parts."""
    assert callable(spoil)
    assert not await bring_clusters(parts(tmp_path, spoil(whole)), SCENE)


@pytest.mark.parametrize("bound", ["MAX_ELEMENTS", "MAX_BEGINNING_BYTES", "MAX_CUES_BYTES", "MAX_BODY_BYTES"])
async def test_bounds(tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Whatever a file says of itself, no more is read of it."""
    monkeypatch.setattr(module, bound, 2)
    assert not await bring_clusters(parts(tmp_path, whole), SCENE)
