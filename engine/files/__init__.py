"""Files: tables of numbers with their provenance, and scripts that make a picture again.

`tables` writes and reads CSV, NPZ and HDF5; `provenance` is what every file carries;
`atomic` writes so that a file is never half there; `script` turns a view into Python.
"""
