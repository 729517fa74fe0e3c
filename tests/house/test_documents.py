"""The documents say all there is to say: they fail when something new is left out."""

import re
from pathlib import Path

import pytest
from pydantic import AliasChoices
from typer.core import TyperGroup
from typer.main import get_command

from oven.adapters.metrics import Metrics
from oven.cli import cli
from oven.domain.errors import Code, WarningCode
from oven.settings import Settings, names
from tests.routes import written_routes

ROOT = Path(__file__).parents[2]


def document(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_module_has_a_room() -> None:
    """The table of rooms names each, but for migrations, which history names."""
    source, said = ROOT / "src/oven", document("docs/architecture.md")
    modules = {path.stem for path in source.rglob("[a-z]*.py") if "migrations" not in path.parts}
    assert sorted(module for module in modules if f"`{module}`" not in said) == []


@pytest.mark.parametrize("name", names())
def test_every_setting_is_documented(name: str) -> None:
    """With a row of its own."""
    assert f"`{name}`" in document("docs/configuration.md")


def test_no_setting_is_invented() -> None:
    """Every variable that the document lists is read."""
    listed = re.findall(r"^\| `([A-Z0-9_]+)`", document("docs/configuration.md"), re.MULTILINE)
    assert sorted(listed) == sorted({_first(name) for name in Settings.model_fields})


def test_defaults_are_the_documented_ones() -> None:
    """Numbers in the table are the numbers in the source."""
    rows = dict(
        re.findall(r"^\| `([A-Z0-9_]+)`.*\| ([^|]+) \|$", document("docs/configuration.md"), re.MULTILINE)
    )
    for field, info in Settings.model_fields.items():
        if isinstance(info.default, bool):
            assert rows[_first(field)] == str(info.default).lower(), field
        elif isinstance(info.default, int | float):
            assert float(rows[_first(field)].replace(" ", "")) == float(info.default), field


@pytest.mark.parametrize("code", [*Code, *WarningCode])
def test_every_code_is_documented(code: Code | WarningCode) -> None:
    """With what it means and what to do."""
    assert re.search(rf"^\| `{code}` \| .+ \| .+ \|$", document("docs/errors.md"), re.MULTILINE)


def test_no_code_is_invented() -> None:
    """Every code that the document lists exists."""
    listed = re.findall(r"^\| `([A-Z_]+)`", document("docs/errors.md"), re.MULTILINE)
    assert sorted(listed) == sorted([*Code, *WarningCode])


def test_every_code_is_used() -> None:
    """A code that nothing raises is a promise that nobody keeps."""
    source = "\n".join(path.read_text() for path in (ROOT / "src").rglob("*.py") if path.name != "errors.py")
    unused = [code for code in Code if f"Code.{code.name}" not in source]
    assert unused == []
    assert [code for code in WarningCode if f"WarningCode.{code.name}" not in source] == []


@pytest.mark.parametrize("path", sorted({path for _, path in written_routes()}))
def test_every_path_is_documented(path: str) -> None:
    """By its own name, wherever it is told."""
    assert re.search(rf"(?<![\w/]){re.escape(path)}(?![\w/{{])", document("docs/api.md"))


def test_every_command_and_option_is_documented() -> None:
    """In the README."""
    readme = document("README.md")
    group = get_command(cli)
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        assert f"oven {name}" in readme
        options = [option for parameter in command.params for option in parameter.opts if option[0] == "-"]
        for option in options:
            assert f"`{option}" in readme or f" {option}" in readme, option


def test_every_module_has_its_test() -> None:
    """The tests mirror the source; ports are proved by the contract suites, a recipe by its own tests."""
    source = ROOT / "src" / "oven"
    exempt = {"__init__.py", "__main__.py"}
    migrations = source / "adapters" / "database" / "migrations"
    missing = [
        str(module.relative_to(source))
        for module in source.rglob("*.py")
        if module.name not in exempt
        and migrations not in module.parents
        and not (ROOT / "tests" / module.relative_to(source).parent / f"test_{module.name}").exists()
    ]
    assert sorted(missing) == [
        "doors/ports.py",
        "pipeline/assets.py",
        "pipeline/attempts.py",
        "pipeline/files.py",
        "pipeline/jobs.py",
        "pipeline/made.py",
        "pipeline/messages.py",
        "pipeline/ports.py",
        "pipeline/scenes.py",
        "pipeline/storage.py",
        "pipeline/workspaces.py",
        "recipes/plan.py",
    ]


def test_modules_stay_small() -> None:
    """A module of more than 300 lines is two."""
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}
    assert {path.name for path, length in lengths.items() if length > 300} == set()


def test_every_test_states_its_fact() -> None:
    """In its docstring."""
    silent = [
        f"{path.name}: {found}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for found in re.findall(r"def (test_\w+)\([^)]*\)[^:]*:\n(?!\s+\"\"\")", path.read_text())
    ]
    assert silent == []


def test_requirements_are_pinned_by_hash_and_name_no_index() -> None:
    """Every package by version and hash; no address of any server."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = document(name)
        assert "://" not in text
        pins = re.findall(r"^([a-z0-9-]+)==\S+(?: ;[^\\]*)? \\$", text, re.MULTILINE)
        starts = re.findall(r"^[a-z]", text, re.MULTILINE)
        assert len(pins) == len(starts) > 5
        assert text.count("--hash=sha256:") >= len(pins)


def _first(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)


def test_every_metric_is_documented() -> None:
    """By its name as Prometheus has it; libraries' own stand together."""
    operating = document("docs/operating.md")
    for family in Metrics().registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert f"`{name}`" in operating or name.startswith("process_"), name
