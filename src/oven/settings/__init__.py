"""Every environment variable that Oven reads, its default, its meaning and its limits."""

from oven.settings.reading import Settings, names, read_settings, unused

__all__ = ["Settings", "names", "read_settings", "unused"]
