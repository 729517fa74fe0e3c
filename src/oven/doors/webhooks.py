"""What Oven posts to the addresses that requests name: the ends of jobs, and how they stand meanwhile."""

from oven.domain.delivery import DELAYS_S
from oven.doors.description import Parameter, Webhook
from oven.pipeline.post import (
    BakeProgressJson,
    ConvertProgressJson,
    ExportProgressJson,
    ImportProgressJson,
    ShortProgressJson,
)
from oven.recipes.export_callback import ExportCompleteJson, ExportErrorJson
from oven.recipes.ingest_callback import ImportErrorJson, ImportReadyJson
from oven.recipes.short_callback import ShortCompleteJson, ShortErrorJson
from oven.recipes.tape_callback import (
    BakeCompleteJson,
    BakeErrorJson,
    ConvertCompleteJson,
    ConvertErrorJson,
)

# Those of Standard Webhooks.
SIGNATURE = {
    "webhook-id": "The message's own, the same however often it is sent.",
    "webhook-timestamp": "When it was sent, in seconds since 1970.",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}` in base64.",
}
BY_SECRET = tuple(
    Parameter(name=name, description=text, is_required=True) for name, text in SIGNATURE.items()
)
BY_TOKEN = tuple(
    Parameter(name=name, description=f"{text} Where the operator has set `CALLBACK_AUTH_TOKEN`.")
    for name, text in SIGNATURE.items()
)
BY_OPTIONAL_SECRET = tuple(
    Parameter(name=name, description=f"{text} Where the request has a `callbackSecret`.")
    for name, text in SIGNATURE.items()
)
MAY_BE_SIGNED = "The key of the signature is the request's `callbackSecret`; without one it is not signed."
SECRET_IS_KEY = "The key of the signature is the request's `callbackSecret`."  # noqa: S105 - words about it
TOKEN_IS_KEY = (
    "Where the operator has set `CALLBACK_AUTH_TOKEN`, it is sent along, and is the signature's key."  # noqa: S105 - words about it
)
ENDED = (
    "Posted to the request's `callbackUrl` when a run of the job ends, until it is taken: it may come twice."
)
STANDS = (
    "Posted to the request's `progressUrl` when the job moves, once a second at most, and when it has ended; "
    "what is not taken is not sent again, but for the end. The result stands in the callback."
)
ANSWERS_TO_END = {
    "2XX": "It is taken.",
    "410": "It is not wanted, and not sent again.",
    "default": f"It is sent again later, up to {len(DELAYS_S) - 1} times, and not before a `Retry-After`.",
}
ANSWERS_TO_PROGRESS = {
    "2XX": "It is taken.",
    "410": "Nothing more of the job's run is posted.",
    "default": "It is not taken.",
}

OF_BAKE = (
    Webhook(
        name="bakeEnded",
        summary="A bake has ended",
        details=f"{ENDED}\n\n{SECRET_IS_KEY}",
        shapes=(BakeCompleteJson, BakeErrorJson),
        headers=BY_SECRET,
        answers=ANSWERS_TO_END,
    ),
    Webhook(
        name="bakeProgress",
        summary="How a bake stands",
        details=f"{STANDS}\n\n{SECRET_IS_KEY}",
        shapes=(BakeProgressJson,),
        headers=BY_SECRET,
        answers=ANSWERS_TO_PROGRESS,
    ),
)
OF_CONVERT = (
    Webhook(
        name="convertEnded",
        summary="A conversion has ended",
        details=f"{ENDED}\n\n{TOKEN_IS_KEY}",
        shapes=(ConvertCompleteJson, ConvertErrorJson),
        headers=BY_TOKEN,
        has_token=True,
        answers=ANSWERS_TO_END,
    ),
    Webhook(
        name="convertProgress",
        summary="How a conversion stands",
        details=f"{STANDS}\n\n{TOKEN_IS_KEY}",
        shapes=(ConvertProgressJson,),
        headers=BY_TOKEN,
        has_token=True,
        answers=ANSWERS_TO_PROGRESS,
    ),
)
OF_IMPORT = (
    Webhook(
        name="importEnded",
        summary="An import has ended",
        details=f"{ENDED}\n\n{MAY_BE_SIGNED}",
        shapes=(ImportReadyJson, ImportErrorJson),
        headers=BY_OPTIONAL_SECRET,
        answers=ANSWERS_TO_END,
    ),
    Webhook(
        name="importProgress",
        summary="How an import stands",
        details=f"{STANDS}\n\n{MAY_BE_SIGNED}",
        shapes=(ImportProgressJson,),
        headers=BY_OPTIONAL_SECRET,
        answers=ANSWERS_TO_PROGRESS,
    ),
)
OF_EXPORT = (
    Webhook(
        name="exportEnded",
        summary="An export has ended",
        details=f"{ENDED}\n\n{MAY_BE_SIGNED}",
        shapes=(ExportCompleteJson, ExportErrorJson),
        headers=BY_OPTIONAL_SECRET,
        answers=ANSWERS_TO_END,
    ),
    Webhook(
        name="exportProgress",
        summary="How an export stands",
        details=f"{STANDS}\n\n{MAY_BE_SIGNED}",
        shapes=(ExportProgressJson,),
        headers=BY_OPTIONAL_SECRET,
        answers=ANSWERS_TO_PROGRESS,
    ),
)
OF_SHORT = (
    Webhook(
        name="shortEnded",
        summary="An export of a scene has ended",
        details=f"{ENDED}\n\n{MAY_BE_SIGNED}",
        shapes=(ShortCompleteJson, ShortErrorJson),
        headers=BY_OPTIONAL_SECRET,
        answers=ANSWERS_TO_END,
    ),
    Webhook(
        name="shortProgress",
        summary="How an export of a scene stands",
        details=f"{STANDS}\n\n{MAY_BE_SIGNED}",
        shapes=(ShortProgressJson,),
        headers=BY_OPTIONAL_SECRET,
        answers=ANSWERS_TO_PROGRESS,
    ),
)
