"""The errors that Oven tells its callers."""

from enum import StrEnum
from typing import ClassVar


class Code(StrEnum):
    """Machine-readable reasons; the list only grows, and `docs/errors.md` explains each."""

    SETTINGS_INVALID = "SETTINGS_INVALID"
    FIELD_INVALID = "FIELD_INVALID"
    NOT_FOUND = "NOT_FOUND"

    ZIP_INVALID = "ZIP_INVALID"
    ZIP_CORRUPT = "ZIP_CORRUPT"
    ZIP_BAD_NAME = "ZIP_BAD_NAME"
    ZIP_DUPLICATE_NAME = "ZIP_DUPLICATE_NAME"
    ZIP_ENCRYPTED = "ZIP_ENCRYPTED"
    ZIP_SPECIAL_FILE = "ZIP_SPECIAL_FILE"
    ZIP_UNSUPPORTED = "ZIP_UNSUPPORTED"
    ZIP_RATIO = "ZIP_RATIO"
    ZIP_OVERLAP = "ZIP_OVERLAP"
    ZIP_TOO_MANY_ENTRIES = "ZIP_TOO_MANY_ENTRIES"
    ZIP_ENTRY_TOO_LARGE = "ZIP_ENTRY_TOO_LARGE"
    ZIP_TOO_LARGE = "ZIP_TOO_LARGE"

    NO_FRAMES = "NO_FRAMES"
    FRAME_NOT_PNG = "FRAME_NOT_PNG"
    FRAME_CORRUPT = "FRAME_CORRUPT"
    FRAME_TOO_LARGE = "FRAME_TOO_LARGE"
    FRAME_SIZE_MISMATCH = "FRAME_SIZE_MISMATCH"
    TIMING_INVALID = "TIMING_INVALID"
    METADATA_INVALID = "METADATA_INVALID"
    AUDIO_INVALID = "AUDIO_INVALID"
    MEDIA_UNSUPPORTED = "MEDIA_UNSUPPORTED"
    MEDIA_INVALID = "MEDIA_INVALID"
    MEDIA_TRUNCATED = "MEDIA_TRUNCATED"
    MEDIA_ENCRYPTED = "MEDIA_ENCRYPTED"
    MEDIA_TYPE_MISMATCH = "MEDIA_TYPE_MISMATCH"
    DURATION_LIMIT = "DURATION_LIMIT"
    MEDIA_TOO_LARGE = "MEDIA_TOO_LARGE"

    OPERATION_INVALID = "OPERATION_INVALID"

    ENCODE_FAILED = "ENCODE_FAILED"
    ENCODE_CRASHED = "ENCODE_CRASHED"
    ENCODE_STALLED = "ENCODE_STALLED"
    ENCODE_TIMEOUT = "ENCODE_TIMEOUT"
    ENCODE_OOM = "ENCODE_OOM"
    ENCODER_UNAVAILABLE = "ENCODER_UNAVAILABLE"
    OUTPUT_INVALID = "OUTPUT_INVALID"

    WORKER_CRASHED = "WORKER_CRASHED"

    BODY_INVALID = "BODY_INVALID"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    UNSUPPORTED_MEDIA = "UNSUPPORTED_MEDIA"
    URL_INVALID = "URL_INVALID"
    URL_BLOCKED = "URL_BLOCKED"
    AUTH_REQUIRED = "AUTH_REQUIRED"
    AUTH_INVALID = "AUTH_INVALID"
    FORBIDDEN = "FORBIDDEN"
    IDENTITY_UNAVAILABLE = "IDENTITY_UNAVAILABLE"
    ORIGIN_REFUSED = "ORIGIN_REFUSED"
    TOO_MANY_WATCHERS = "TOO_MANY_WATCHERS"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    JOB_CONFLICT = "JOB_CONFLICT"
    ASSET_CONFLICT = "ASSET_CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    DOOR_CLOSED = "DOOR_CLOSED"
    RATE_LIMITED = "RATE_LIMITED"
    QUEUE_FULL = "QUEUE_FULL"
    PREVIEWS_BUSY = "PREVIEWS_BUSY"
    PREVIEW_UNAVAILABLE = "PREVIEW_UNAVAILABLE"
    SHUTTING_DOWN = "SHUTTING_DOWN"
    DAEMON_UNREACHABLE = "DAEMON_UNREACHABLE"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    ENGINE_STALLED = "ENGINE_STALLED"

    TOO_MANY_REDIRECTS = "TOO_MANY_REDIRECTS"
    DNS_FAILED = "DNS_FAILED"
    TLS_FAILED = "TLS_FAILED"
    DOWNLOAD_REJECTED = "DOWNLOAD_REJECTED"
    DOWNLOAD_EXPIRED = "DOWNLOAD_EXPIRED"
    DOWNLOAD_FAILED = "DOWNLOAD_FAILED"
    DOWNLOAD_TIMEOUT = "DOWNLOAD_TIMEOUT"
    DOWNLOAD_TOO_SLOW = "DOWNLOAD_TOO_SLOW"
    DOWNLOAD_TOO_LARGE = "DOWNLOAD_TOO_LARGE"
    DOWNLOAD_TRUNCATED = "DOWNLOAD_TRUNCATED"
    DOWNLOAD_CHANGED = "DOWNLOAD_CHANGED"
    DOWNLOAD_ENCODING_REFUSED = "DOWNLOAD_ENCODING_REFUSED"

    DATA_DIR_LOCKED = "DATA_DIR_LOCKED"
    STORE_CORRUPT = "STORE_CORRUPT"
    STORE_TOO_NEW = "STORE_TOO_NEW"

    STORAGE_DENIED = "STORAGE_DENIED"
    UPLOAD_FAILED = "UPLOAD_FAILED"
    UPLOAD_TIMEOUT = "UPLOAD_TIMEOUT"
    UPLOAD_EXPIRED = "UPLOAD_EXPIRED"
    UPLOAD_INCOMPLETE = "UPLOAD_INCOMPLETE"
    UPLOAD_TOO_LARGE = "UPLOAD_TOO_LARGE"
    UPLOAD_VERIFY_FAILED = "UPLOAD_VERIFY_FAILED"
    DISK_FULL = "DISK_FULL"
    CANCELLED = "CANCELLED"
    INTERNAL = "INTERNAL"


class WarningCode(StrEnum):
    """What a job that is done may still have to say; the list only grows."""

    THUMBNAIL_FAILED = "THUMBNAIL_FAILED"
    METADATA_INVALID = "METADATA_INVALID"
    METADATA_MISMATCH = "METADATA_MISMATCH"
    SCALE_REDUCED = "SCALE_REDUCED"
    PICTURES_UNUSED = "PICTURES_UNUSED"
    SOUND_UNUSED = "SOUND_UNUSED"
    TIMESTAMPS_IGNORED = "TIMESTAMPS_IGNORED"
    SOUND_EMPTY = "SOUND_EMPTY"
    OVER_BLOB_LIMIT = "OVER_BLOB_LIMIT"
    EXPORT_NOTE = "EXPORT_NOTE"
    TARGET_MISSED = "TARGET_MISSED"


class OvenError(Exception):
    """One reason why something was not done.

    `message` is public: what is wrong, which one, and what would be right.
    `hint` is public: what the reader can do now.
    `detail` is for the log alone; it may hold paths and a tool's own words.
    `stage` is the phase of the job in which it happened, set by the attempt.
    """

    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, code: Code, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.detail = detail
        self.stage = ""

    def as_json(self) -> dict[str, str | bool]:
        """The public members, as they stand in a job's `error`."""
        return {
            "code": self.code.value,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "stage": self.stage,
        }


class BadInputError(OvenError):
    """What was asked for, or sent, can never work."""

    status: ClassVar[int] = 400


class NotFoundError(BadInputError):
    """What was asked for does not exist, or is not the asker's."""

    status: ClassVar[int] = 404


class ConflictError(BadInputError):
    """What was asked for does not go with how things stand."""

    status: ClassVar[int] = 409


class ReusedKeyError(BadInputError):
    """A key that is to tell repeats came with another request than before."""

    status: ClassVar[int] = 422


class TooLargeError(BadInputError):
    """What was sent has more bytes than are taken at once."""

    status: ClassVar[int] = 413


class UnauthorizedError(BadInputError):
    """Who asks did not prove to be somebody who may."""

    status: ClassVar[int] = 401


class ClosedError(OvenError):
    """The operator has not opened this."""

    status: ClassVar[int] = 503


class UnsupportedError(BadInputError):
    """What was sent is in a form that is not taken."""

    status: ClassVar[int] = 415


class ForbiddenError(BadInputError):
    """Who asks may not, whoever they are."""

    status: ClassVar[int] = 403


class TransientError(OvenError):
    """The surroundings were in the way; the same job may succeed later."""

    status: ClassVar[int] = 503
    retryable: ClassVar[bool] = True


class FaultError(OvenError):
    """The fault is on our side or the operator's, and trying again would not help."""
