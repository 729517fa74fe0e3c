"""Finding what an earlier job has made, and letting it stand under another key."""

import hashlib
from collections.abc import Mapping

import orjson

from oven.domain.errors import Code, TransientError
from oven.pipeline.bench import Bench
from oven.pipeline.made import MadeJob
from oven.pipeline.ports import Tools
from oven.pipeline.storage import Storage, StoredObject
from oven.recipes.plan import Artifact, Result
from oven.recipes.steps import Copy, FindMade, Publish

# Of so many jobs that have made the same it is looked whether that still stands.
LOOKED_AT = 5


async def find_made(step: FindMade, tools: Tools) -> Result:
    """Find the newest job that has made the same, and whose objects all stand as it left them."""
    if tools.made is None:
        return {"fingerprint": "", "found": None}
    versions = {**tools.versions, "oven": tools.made.release}
    decisive = orjson.dumps([step.decisive, versions], option=orjson.OPT_SORT_KEYS)
    fingerprint = hashlib.sha256(decisive).hexdigest()
    jobs = await tools.made.latest(step.kind, fingerprint, limit=LOOKED_AT) if step.may_reuse else []
    # Where it stands already nothing has to be copied.
    for job in sorted(jobs, key=lambda job: not _is_there(step, job)):
        if await _stands(step, job, tools.storage):
            return {"fingerprint": fingerprint, "found": _found(job)}
    return {"fingerprint": fingerprint, "found": None}


async def copy(step: Copy, tools: Tools, bench: Bench) -> Result:
    """Copy an object inside its store, if nobody else has the job."""
    artifact = Artifact(
        name=step.artifact,
        target=step.target,
        content_type=step.content_type,
        is_public=step.is_public,
        size_bytes=step.size_bytes,
    )
    await bench.confirm(artifact)
    stored = await tools.storage.copy(
        step.source,
        StoredObject(size_bytes=step.size_bytes, sha256=step.sha256, version=step.version),
        step.target,
        content_type=step.content_type,
        is_public=step.is_public,
        cache_control=step.cache_control,
    )
    if stored.size_bytes != step.size_bytes:
        raise TransientError(
            Code.UPLOAD_VERIFY_FAILED,
            f"the store has {stored.size_bytes:,} bytes of an object of {step.size_bytes:,}",
        )
    return as_published(step, stored, tools.storage)


def as_published(step: Publish | Copy, stored: StoredObject, storage: Storage) -> Result:
    """Give what stands in a store now, as later steps and artifacts know it."""
    return {
        "bucket": step.target.bucket,
        "key": step.target.key,
        "url": storage.url(step.target),
        "contentType": step.content_type,
        "isPublic": step.is_public,
        "sizeBytes": stored.size_bytes,
        "sha256": stored.sha256,
        "version": stored.version,
    }


def _is_there(step: FindMade, job: MadeJob) -> bool:
    return all(name in job.objects and job.objects[name][0] == target for name, target in step.targets)


async def _stands(step: FindMade, job: MadeJob, storage: Storage) -> bool:
    """Whether a job's objects can be copied, and are those that it has made."""
    for name, target in step.targets:
        if name not in job.objects:
            return False
        source, stored = job.objects[name]
        if not storage.can_copy(source, target) or await storage.version(source) != stored.version:
            return False
    return True


def _found(job: MadeJob) -> Mapping[str, object]:
    return {
        "jobId": job.id,
        "result": job.result,
        "objects": {
            name: {
                "bucket": target.bucket,
                "key": target.key,
                "version": stored.version,
                "sizeBytes": stored.size_bytes,
                "sha256": stored.sha256,
            }
            for name, (target, stored) in job.objects.items()
        },
    }
