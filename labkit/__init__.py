"""The mathematics of the course, one module a chapter, written to be read beside the formulas."""

__version__ = "0.1.0"
