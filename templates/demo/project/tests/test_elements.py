import unittest

from chem.elements import ELEMENTS, by_number


class Elements(unittest.TestCase):
    def test_all_elements_are_there_in_order(self):
        self.assertEqual([element.number for element in ELEMENTS], list(range(1, 119)))

    def test_an_element_is_found_by_its_number(self):
        self.assertEqual(by_number(26).name, "Iron")

    def test_a_number_without_an_element_is_refused(self):
        with self.assertRaises(LookupError):
            by_number(119)
