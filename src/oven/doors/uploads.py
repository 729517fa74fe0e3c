"""Direct uploads: a client sends an asset in parts, straight to the store."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from oven.domain.asset import AssetStatus, AssetType, NewAsset
from oven.domain.caller import Scope
from oven.domain.instants import iso
from oven.doors.access import Access
from oven.doors.asset import AssetJson, asset_json
from oven.doors.asset_fields import AssetMetadata, Label, Tags, TypeField, UserId
from oven.doors.bodies import read_as
from oven.doors.complaints import Complaint, Kind, complain
from oven.doors.description import Answer, Audience, describes
from oven.doors.fields import Asked, MediaType
from oven.doors.problems import FieldsError, json_response
from oven.media.names import key_name
from oven.media.parts import part_bytes_for
from oven.pipeline.instants import Instant
from oven.pipeline.library import UPLOAD_S, Library

