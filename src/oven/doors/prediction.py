"""What Replicate tells of a prediction, and the assets that its outputs are to become."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any, TypeGuard
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from oven.doors.fields import Text, is_text
from oven.doors.import_job import Wanted, path_of
from oven.media.names import MAX_NAME_CHARS, name_of_path, type_of_name

SUCCEEDED = "succeeded"
SCHEMES = ("https://", "http://")
MAX_OUTPUTS = 50
# What has more parts than that is a text in pieces.
MAX_PARTS = 10_000
# Outputs stand in a list, in an object, or in lists in an object.
MAX_DEPTH = 3
MAX_PROMPT_CHARS = 4_000
MAX_MODEL_CHARS = 255
# Of a prediction's id so much tells its assets' names from those of another.
SHOWN_ID_CHARS = 8
# Of ours, so that ids are nobody else's; it never changes, for repeats are known by what is made of it.
NAMESPACE = UUID("480d9915-dba1-47ff-b01e-c9179f3027fa")

EXAMPLE: JsonDict = {
    "id": "ufawqhfynnddngldkgtslldrkq",
    "status": "succeeded",
    "model": "wan-video/wan-2.5-t2v",
    "input": {"prompt": "beautiful sunset"},
    "output": "https://replicate.delivery/pbxt/abc123.mp4",
}


class Prediction(BaseModel):
    """A prediction as Replicate posts it; what is not named here is ignored."""

    model_config = ConfigDict(
        frozen=True, hide_input_in_errors=True, json_schema_extra={"examples": [EXAMPLE]}
    )

    id: Text
    status: Annotated[str, Field(description="Of `succeeded` alone there are assets.")]
    output: Annotated[
        Any,
        Field(description="A URL, or a list or an object of URLs; what is none brings no asset."),
    ] = None
    model: Annotated[Any, Field(description="Kept with the assets, where it is a text.")] = None
    input: Annotated[Any, Field(description="Its `prompt` is kept with the assets, where it is a text.")] = (
        None
    )


def wanted_of(prediction: Prediction, owner: str) -> list[Wanted]:
    """List the assets that a prediction brings: one of each URL that it has put out, in their order.

    Repeats give the same ids, whatever else is in them.
    """
    if prediction.status != SUCCEEDED:
        return []
    indices: dict[str, int] = {}
    for index, value in enumerate(islice(_parts(prediction.output), MAX_PARTS)):
        if _is_url(value):
            indices.setdefault(value, index)
    return [_wanted(prediction, owner, index, url) for url, index in islice(indices.items(), MAX_OUTPUTS)]


def _wanted(prediction: Prediction, owner: str, index: int, url: str) -> Wanted:
    name = name_of_path(path_of(url))
    prefix = f"{prediction.id[:SHOWN_ID_CHARS]}-{index}"
    kept: dict[str, Any] = {
        "aiGenerated": True,
        "source": "ai_generation",
        "prediction_id": prediction.id,
        "output_index": index,
    }
    if isinstance(prediction.model, str):
        kept["model"] = prediction.model[:MAX_MODEL_CHARS]
    prompt = prediction.input.get("prompt") if isinstance(prediction.input, Mapping) else None
    if isinstance(prompt, str):
        kept["prompt"] = prompt[:MAX_PROMPT_CHARS]
    return Wanted(
        url=url,
        type=type_of_name(name),
        name=f"{prefix}-{name[len(prefix) + 1 - MAX_NAME_CHARS :]}" if name else prefix,
        metadata=kept,
        asset_id=str(uuid5(NAMESPACE, f"{owner}\n{prediction.id}\n{index}")),
    )


def _parts(value: object, depth: int = MAX_DEPTH) -> Iterator[object]:
    """Give what an output consists of, in its order."""
    inner = value if isinstance(value, list) else value.values() if isinstance(value, Mapping) else None
    if inner is None or depth <= 0:
        yield value
        return
    for part in inner:
        yield from _parts(part, depth - 1)


def _is_url(value: object) -> TypeGuard[str]:
    """Whether a part is an address, and not a text that begins with one.

    Whether that may be fetched is its job's to find out, so that its user sees why not.
    """
    return is_text(value) and value.lower().startswith(SCHEMES) and " " not in value
