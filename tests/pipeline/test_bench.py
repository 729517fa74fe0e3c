"""Where one step is carried out."""

from oven.pipeline.bench import size_of
from tests.kitchens import Kitchen


async def test_sizes(kitchen: Kitchen) -> None:
    """Of the files that are there, and of no others."""
    await kitchen.has(a_txt=b"alpha")
    bench = await kitchen.bench("it")
    (bench.folder / "b.txt").write_bytes(b"be")
    (bench.folder / "folder").mkdir()
    assert await bench.sizes(("b.txt", "c.txt", "folder")) == {"b.txt": 2}
    assert await size_of(kitchen.workspace.locate("src/a.txt")) == 5
