"""Figures for papers: one module a kind of view, each with ``draw(figure, content, style)``.

>>> from engine import catalogue, figures
>>> content = figures.content_from_run(catalogue()["lorenz"], {"rho": 30.0}, 0, "attractor")
>>> figures.render("attractor", content, "lorenz.pdf", size_mm=(80, 60))

For developers: a new kind of figure is one file here, named as its view, with ``draw``.
matplotlib is imported inside functions, and never pyplot.
"""

from engine.figures._content import (
    Content,
    content,
    content_from_run,
    content_job,
    preparation,
    prepared,
)
from engine.figures._render import SUFFIXES, kinds, render

__all__ = [
    "SUFFIXES",
    "Content",
    "content",
    "content_from_run",
    "content_job",
    "kinds",
    "preparation",
    "prepared",
    "render",
]
