"""The exhibits: one folder a family, one file an exhibit, found by the catalogue by name.

A file whose name begins with an underscore is a helper and no exhibit. ``system.py`` wraps
any system of ``engine.systems``.
"""
