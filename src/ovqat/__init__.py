"""Ovqat AI: a food diary that opens inside other companies' apps.

A request goes one way only: edge → resource → service → store → answer. `application.py` joins the parts;
`pyproject.toml` holds the order in which they may import each other.
"""

__version__ = "0.1.0"
