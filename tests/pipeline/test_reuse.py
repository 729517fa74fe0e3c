"""Finding what was made before, and copying it, in a real store."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven.domain.errors import Code, TransientError
from oven.pipeline.made import Made, MadeJob
from oven.pipeline.perform import perform
from oven.pipeline.reuse import LOOKED_AT
from oven.pipeline.storage import StoredObject
from oven.recipes.plan import Artifact
from oven.recipes.steps import Copy, FindMade, Target
from tests.kitchens import Kitchen

HERE, THERE = Target("b", "new.mp4"), Target("b", "old.mp4")
FIND = FindMade(
    name="find", phase="p", kind="bake", decisive={"a": 1}, targets=(("video", HERE),), may_reuse=True
)


class Jobs(Made):
    """Jobs that are said to have made the same."""

    def __init__(self, *jobs: MadeJob, release: str = "r") -> None:
        self.jobs, self._release, self.asked = jobs, release, list[tuple[str, str, int]]()

    @property
    def release(self) -> str:
        return self._release

    async def latest(self, kind: str, fingerprint: str, *, limit: int) -> list[MadeJob]:
        self.asked.append((kind, fingerprint, limit))
        return list(self.jobs)


async def made(kitchen: Kitchen, job_id: str, target: Target = THERE, data: bytes = b"video") -> MadeJob:
    """Store an object as a job does."""
    storage = kitchen.tools.storage
    source = kitchen.folder / f"{job_id}-made"
    await anyio.Path(source).write_bytes(data)
    async with storage.stage(target, content_type="video/mp4", is_public=True) as staged:
        await staged.write(source)
        stored = await staged.commit()
    return MadeJob(id=job_id, result={"size": len(data)}, objects={"video": (target, stored)})


async def find(
    kitchen: Kitchen, *jobs: MadeJob, step: FindMade = FIND, release: str = "r"
) -> Mapping[str, Any]:
    kitchen.tools = replace(kitchen.tools, made=Jobs(*jobs, release=release))
    return (await kitchen.does(step))[0]


def copy_of(job: MadeJob, target: Target = HERE) -> Copy:
    source, stored = job.objects["video"]
    return Copy(
        name="copy",
        phase="p",
        source=source,
        version=stored.version,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        artifact="video",
        target=target,
        content_type="video/mp4",
        is_public=True,
    )


async def test_what_stands_is_found(kitchen: Kitchen) -> None:
    """With all that a copy has to know."""
    job = await made(kitchen, "a")
    stored = job.objects["video"][1]
    said = await find(kitchen, job)
    assert said["found"] == {
        "jobId": "a",
        "result": {"size": 5},
        "objects": {
            "video": {
                "bucket": "b",
                "key": "old.mp4",
                "version": stored.version,
                "sizeBytes": 5,
                "sha256": stored.sha256,
            }
        },
    }
    assert isinstance(kitchen.tools.made, Jobs)
    assert kitchen.tools.made.asked == [("bake", said["fingerprint"], LOOKED_AT)]


async def test_what_does_not_stand_is_not_found(kitchen: Kitchen, tmp_path: Path) -> None:
    """Nor what was overwritten, what has fewer objects, or what stands in another store; the next one is."""
    good = await made(kitchen, "good")
    gone = await made(kitchen, "gone", Target("b", "gone.mp4"))
    (tmp_path / "store" / "gone.mp4").unlink()
    changed = await made(kitchen, "changed", Target("b", "changed.mp4"))
    (tmp_path / "store" / "changed.mp4").write_bytes(b"VIDEO")
    fewer = replace(good, id="fewer", objects={"thumbnail": good.objects["video"]})
    elsewhere = replace(good, objects={"video": (Target("c", "x"), good.objects["video"][1])})
    assert (await find(kitchen, gone, changed, fewer, elsewhere))["found"] is None
    assert (await find(kitchen, gone, changed, fewer, elsewhere, good))["found"]["jobId"] == "good"


async def test_what_is_there_already_is_taken_first(kitchen: Kitchen) -> None:
    """Though another is newer: nothing has to be copied."""
    newer, there = await made(kitchen, "newer"), await made(kitchen, "there", HERE)
    assert (await find(kitchen, newer, there))["found"]["jobId"] == "there"


async def test_who_does_not_want_it(kitchen: Kitchen) -> None:
    """Is given nothing, but can be found later; where nobody looks, not even that."""
    job = await made(kitchen, "a")
    usual = await find(kitchen, job)
    anew = await find(kitchen, job, step=replace(FIND, may_reuse=False))
    assert anew == {"fingerprint": usual["fingerprint"], "found": None}
    kitchen.tools = replace(kitchen.tools, made=None)
    assert (await kitchen.does(FIND))[0] == {"fingerprint": "", "found": None}


async def test_fingerprints(kitchen: Kitchen) -> None:
    """Differ by what decides, by the code and by ffmpeg; not by where it is put."""
    usual = (await find(kitchen))["fingerprint"]
    other = replace(FIND, targets=(("video", THERE),))
    assert (await find(kitchen, step=other))["fingerprint"] == usual
    found = {
        usual,
        (await find(kitchen, step=replace(FIND, decisive={"a": 2})))["fingerprint"],
        (await find(kitchen, release="other"))["fingerprint"],
    }
    encoder = replace(kitchen.tools.encoder, version="9")  # type: ignore[type-var] # the real one is data
    kitchen.tools = replace(kitchen.tools, encoder=encoder)
    found.add((await find(kitchen))["fingerprint"])
    assert len(found) == 4


async def test_a_copy_is_told_as_what_is_published(kitchen: Kitchen, tmp_path: Path) -> None:
    """Where it is now, and of which version."""
    job = await made(kitchen, "a")
    result, _ = await kitchen.does(copy_of(job))
    assert (tmp_path / "store" / "new.mp4").read_bytes() == b"video"
    assert result == {
        "bucket": "b",
        "key": "new.mp4",
        "url": "https://example.com/new.mp4",
        "contentType": "video/mp4",
        "isPublic": True,
        "sizeBytes": 5,
        "sha256": job.objects["video"][1].sha256,
        "version": await kitchen.tools.storage.version(HERE),
    }


async def test_nobody_copies_who_has_been_replaced(kitchen: Kitchen, tmp_path: Path) -> None:
    """It is asked before anything appears, of just that object."""
    job, asked = await made(kitchen, "a"), list[Artifact]()

    async def refuse(artifact: Artifact) -> None:
        asked.append(artifact)
        raise TransientError(Code.CANCELLED, "another attempt has this job")

    bench = replace(await kitchen.bench("copy"), confirm=refuse)
    with pytest.raises(TransientError) as caught:
        await perform(copy_of(job), kitchen.tools, bench)
    assert caught.value.code is Code.CANCELLED
    assert [(artifact.name, artifact.target) for artifact in asked] == [("video", HERE)]
    assert not (tmp_path / "store" / "new.mp4").exists()


async def test_what_changed_meanwhile(kitchen: Kitchen) -> None:
    """Is not copied; nor is a copy announced that is not as long as it was."""
    job = await made(kitchen, "a")
    await made(kitchen, "b", data=b"other")
    with pytest.raises(TransientError) as caught:
        await kitchen.does(copy_of(job))
    assert caught.value.code is Code.DOWNLOAD_CHANGED
    later = await made(kitchen, "c")
    source, stored = later.objects["video"]
    said = StoredObject(size_bytes=6, sha256=stored.sha256, version=stored.version)
    with pytest.raises(TransientError) as caught:
        await kitchen.does(copy_of(replace(later, objects={"video": (source, said)})))
    assert caught.value.code is Code.UPLOAD_VERIFY_FAILED
