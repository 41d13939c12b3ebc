"""A little chemistry: elements, units, and soon formulas."""
