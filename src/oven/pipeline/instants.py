"""Instants as the API describes them."""

from typing import Annotated

from pydantic import WithJsonSchema

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "description": "UTC."})]
Milliseconds = Annotated[
    int, WithJsonSchema({"type": "integer", "description": "Milliseconds since 1970, UTC."})
]
