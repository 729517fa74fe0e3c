"""Measurements side by side, each in one run; no test, for machines are noisy."""
