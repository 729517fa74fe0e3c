"""The routes of all doors, as their source has them."""

import re
from pathlib import Path

DOORS = Path(__file__).parents[1] / "src" / "oven" / "doors"
ROUTE = re.compile(r"web\.(get|post|put|patch|delete)\(\s*\"([^\"]+)\"")


def written_routes() -> set[tuple[str, str]]:
    """Give each route's method and its path, without patterns of its names."""
    source = "\n".join(path.read_text() for path in DOORS.glob("*.py"))
    return {(method, re.sub(r":[^}]*}", "}", path)) for method, path in ROUTE.findall(source)}
