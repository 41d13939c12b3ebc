"""Reads test ids and outcomes from what test runners write."""
