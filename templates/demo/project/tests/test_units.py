import unittest

from chem import units


class Units(unittest.TestCase):
    def test_a_value_is_converted_within_its_quantity(self):
        self.assertAlmostEqual(units.convert(2.5, "km", "m"), 2500)
        self.assertAlmostEqual(units.convert(1, "atm", "hPa"), 1013.25)

    def test_quantities_are_not_mixed(self):
        with self.assertRaisesRegex(ValueError, "metre is a length"):
            units.convert(1, "m", "kg")

    def test_an_unknown_unit_is_named(self):
        with self.assertRaisesRegex(LookupError, "furlong"):
            units.unit("furlong")

    def test_units_of_a_quantity_come_smallest_first(self):
        self.assertEqual([unit.symbol for unit in units.of_quantity("time")], ["us", "ms", "s", "min", "h", "d", "wk"])
