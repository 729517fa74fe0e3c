"""What is said of options is what is taken."""

from typing import Any

import pytest
from pydantic import TypeAdapter
from pydantic_core import ValidationError

from oven.doors import operation_options as options


def adapters() -> list[tuple[str, TypeAdapter[Any]]]:
    return [(name, TypeAdapter(found)) for name, found in vars(options).items() if name.endswith("Option")]


@pytest.mark.parametrize(("name", "adapter"), adapters())
def test_examples_and_words(name: str, adapter: TypeAdapter[Any]) -> None:
    """Of every option's description are taken, null as nothing."""
    schema = adapter.json_schema()
    said = [*schema.get("examples", ()), *(word for word in schema.get("enum", ()) if word)]
    for given in said:
        assert adapter.validate_python(given) is not None
    if "null" in schema.get("type", ()):
        assert adapter.validate_python(None) is None
    else:
        assert name == "MomentsOption"


@pytest.mark.parametrize(("name", "adapter"), adapters())
def test_nonsense(name: str, adapter: TypeAdapter[Any]) -> None:
    """Is taken by none."""
    for given in ({}, "?", True, -1, object()):
        with pytest.raises(ValidationError):
            pytest.fail(f"{name} took {adapter.validate_python(given)}")
