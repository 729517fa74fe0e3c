"""Every kind of job that Oven knows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from oven.domain.errors import Code
from oven.domain.retry import RetryRule
from oven.recipes import bake, convert, export, ingest, short
from oven.recipes.plan import Recipe

BOOK: Mapping[str, Recipe[Any]] = MappingProxyType(
    {
        recipe.kind: recipe
        for recipe in (bake.RECIPE, convert.RECIPE, export.RECIPE, short.RECIPE, ingest.MEDIA, ingest.IMAGE)
    }
)
# Where a kind of job is tried again otherwise than others are.
RULES: Mapping[str, RetryRule] = MappingProxyType(
    {
        # An hour was not enough: three more of them would keep others waiting, and be no more.
        export.RECIPE.kind: RetryRule(
            final={
                Code.ENCODE_TIMEOUT: "Ask for less: a faster preset, a smaller picture, a part of the film."
            }
        ),
        # Whoever exports it makes another one; the quota gives back what failed by our fault.
        short.RECIPE.kind: RetryRule(delays_s=()),
    }
)
