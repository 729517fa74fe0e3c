"""What Oven says of itself, made narrower: jobs that exist, and hosts that do not."""

from collections.abc import Sequence
from typing import Any

from oven.settings.kinds import BUCKET

# A host that does not exist: what is accepted here must lead nowhere.
HOST = "tapes.invalid"
SOURCES = {"enum": [f"https://{HOST}/{number}.zip" for number in range(9)]}
RECEIVER = {"const": f"https://{HOST}/done"}
EVENTS = "/v1/jobs/{id}/events"


def narrow(document: dict[str, Any], jobs: Sequence[str], ended: str) -> dict[str, Any]:
    """Ask of these jobs alone, and for events of one that has ended: those of others take their time."""
    schemas = document["components"]["schemas"]
    for asked in ("BakeRequest", "ConvertRequest"):
        schemas[asked]["properties"] |= {
            "zipUrl": SOURCES,
            "callbackUrl": RECEIVER,
            "progressUrl": {"enum": [RECEIVER["const"], None]},
        }
    schemas["ConvertRequest"]["properties"]["bucket"] = {"type": "string", "pattern": f"^{BUCKET.pattern}$"}
    stream = document["paths"][EVENTS]["get"]["responses"]["200"]["content"]["text/event-stream"]
    stream["schema"] = _event(stream["x-event-data"])
    for path, item in document["paths"].items():
        for operation in item.values():
            for parameter in operation["parameters"]:
                if parameter["name"] == "id" and parameter["in"] == "path":
                    known = [ended] if path == EVENTS else jobs
                    parameter["schema"] = {"type": "string", "enum": list(known)}
    return document


def _event(held: dict[str, Any]) -> dict[str, Any]:
    """Describe an event by what its data holds: schemathesis takes a stream's schema for that of each."""
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": held}
    members = {"id": {"type": "string"}, "event": {"const": "job"}, "data": data}
    return {"type": "object", "properties": members, "required": list(members)}
