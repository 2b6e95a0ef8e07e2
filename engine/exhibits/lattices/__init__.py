"""Lattices: cells that update together, one file an exhibit."""
