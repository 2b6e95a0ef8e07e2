"""From a system to orbits: methods, kernels and whoever runs them.

``solve`` has what scripts call, ``stream`` what a live exhibit holds, ``lanes`` many orbits
at once. Below them: ``methods`` (all methods by key, and which suit a system; the numbers are
in ``tableaus`` and ``rosenbrock``), ``runs`` (one orbit in pieces, a file for each kind of
method), ``drivers`` (tier 1, compiled once), ``kernels`` and ``compile`` (tier 2, made for one
system). Importing any of it imports no compiler.
"""
