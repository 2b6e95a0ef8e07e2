"""What stands between numbers and a picture of them, without a window.

Nothing here knows Qt, OpenGL or matplotlib: these modules turn rows into ranges, pixels and
vertices on the engine thread, and the window only has to copy what they made.

- ``ranges``: where an axis runs, its ticks, and the `Window` of the plane that is shown.
- ``decimate``, ``brush``: pictures in the plane; lines thinned to columns of pixels, curves
  and points drawn into arrays of pixels.
- ``orbit_picture``, ``curves``, ``_curve_kernels``: pictures in space; what of an orbit is
  rebuilt and when, its vertices, and the compiled loops that write them.
- ``raster``: the vertices of ``curves`` drawn where there is no OpenGL.

``brush``, ``decimate`` and ``raster`` import the compiler, and ``curves`` calls it: use them
off the window's thread.
"""
