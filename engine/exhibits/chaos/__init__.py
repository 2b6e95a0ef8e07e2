"""Exhibits about chaos as such: many systems at once."""
