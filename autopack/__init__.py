"""Autopack: a plan and a git repository go in, a branch of checked and audited commits comes out."""

__version__ = "0.1.0"
