"""Test ids and outcomes out of what test runners write."""
