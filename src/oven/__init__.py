"""Oven turns jobs into finished media."""

__version__ = "0.1.0"
