"""The book of recipes."""

from oven.recipes.book import BOOK, RULES


def test_every_recipe_stands_under_its_kind() -> None:
    """And weighs its phases."""
    assert set(BOOK) == {"bake", "convert", "export", "short", "import", "image"}
    for kind, recipe in BOOK.items():
        assert recipe.kind == kind
        assert all(phase.weight > 0 for phase in recipe.phases)


def test_rules_are_for_recipes() -> None:
    """Which there are."""
    assert set(RULES) <= set(BOOK)
