"""A client of Oven's HTTP API, for Python; it needs nothing of the rest of Oven."""

from oven.client.answers import Asset, AssetError, AssetStatus, AssetType, Job, JobError, JobState, WrongField
from oven.client.callbacks import verify_callback
from oven.client.errors import OvenError, SignatureError, UnreachableError, WaitTimeoutError
from oven.client.exports import Export, ExportLinks, Exports, ExportStatus, Operation
from oven.client.imports import Import, ImportOptions
from oven.client.job_queue import (
    JobStatus,
    cancel_job,
    enqueue_image_import,
    enqueue_video_import,
    get_job_status,
)
from oven.client.oven import Oven
from oven.client.shorts import Scene, Short, Shorts

__all__ = [
    "Asset",
    "AssetError",
    "AssetStatus",
    "AssetType",
    "Export",
    "ExportLinks",
    "ExportStatus",
    "Exports",
    "Import",
    "ImportOptions",
    "Job",
    "JobError",
    "JobState",
    "JobStatus",
    "Operation",
    "Oven",
    "OvenError",
    "Scene",
    "Short",
    "Shorts",
    "SignatureError",
    "UnreachableError",
    "WaitTimeoutError",
    "WrongField",
    "cancel_job",
    "enqueue_image_import",
    "enqueue_video_import",
    "get_job_status",
    "verify_callback",
]
