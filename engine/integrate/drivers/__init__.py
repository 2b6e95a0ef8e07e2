"""Tier 1: drivers that are compiled once and take the right-hand side as a function.

A new system costs only the compiling of its own right-hand side. Each driver is one file,
so that only those used are loaded, and calls nothing in another file, because Numba's
cached code would not notice a change there. They write into arrays they are given, hold no
state of their own, release the interpreter lock and look at a cancel flag every 4,096
steps. Specialised kernels (``engine.integrate.kernels``) do the same arithmetic in the same
order, so that one may replace the other in the middle of a run.
"""
