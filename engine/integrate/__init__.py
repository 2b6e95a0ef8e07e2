"""From a system to orbits: methods, kernels and whoever runs them.

``solve`` has what scripts call, ``stream`` what a live exhibit holds, ``lanes`` many orbits
at once. Below them: ``methods`` (tableaus as data), ``drivers`` (tier 1, compiled once),
``kernels`` and ``compile`` (tier 2, made for one system), ``runs`` (one orbit in pieces).
Importing any of it imports no compiler.
"""
