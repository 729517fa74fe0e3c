"""Every kind of job that Oven knows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from oven.recipes import bake, convert, export, ingest
from oven.recipes.plan import Recipe

BOOK: Mapping[str, Recipe[Any]] = MappingProxyType(
    {
        recipe.kind: recipe
        for recipe in (bake.RECIPE, convert.RECIPE, export.RECIPE, ingest.MEDIA, ingest.IMAGE)
    }
)
