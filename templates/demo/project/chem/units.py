"""Units of measurement, each with the factor that leads to the base unit of its quantity."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    symbol: str
    name: str
    quantity: str
    factor: float


UNITS = {
    "m": Unit(
        symbol="m",
        name="metre",
        quantity="length",
        factor=1.0,
    ),

    "km": Unit(
        symbol="km",
        name="kilometre",
        quantity="length",
        factor=1000.0,
    ),

    "cm": Unit(
        symbol="cm",
        name="centimetre",
        quantity="length",
        factor=0.01,
    ),

    "mm": Unit(
        symbol="mm",
        name="millimetre",
        quantity="length",
        factor=0.001,
    ),

    "um": Unit(
        symbol="um",
        name="micrometre",
        quantity="length",
        factor=1e-06,
    ),

    "nm": Unit(
        symbol="nm",
        name="nanometre",
        quantity="length",
        factor=1e-09,
    ),

    "angstrom": Unit(
        symbol="angstrom",
        name="angstrom",
        quantity="length",
        factor=1e-10,
    ),

    "in": Unit(
        symbol="in",
        name="inch",
        quantity="length",
        factor=0.0254,
    ),

    "ft": Unit(
        symbol="ft",
        name="foot",
        quantity="length",
        factor=0.3048,
    ),

    "yd": Unit(
        symbol="yd",
        name="yard",
        quantity="length",
        factor=0.9144,
    ),

    "mi": Unit(
        symbol="mi",
        name="mile",
        quantity="length",
        factor=1609.344,
    ),

    "nmi": Unit(
        symbol="nmi",
        name="nautical mile",
        quantity="length",
        factor=1852.0,
    ),

    "wk": Unit(
        symbol="wk",
        name="week",
        quantity="time",
        factor=604800.0,
    ),

    "hl": Unit(
        symbol="hl",
        name="hectolitre",
        quantity="volume",
        factor=0.1,
    ),

    "kbar": Unit(
        symbol="kbar",
        name="kilobar",
        quantity="pressure",
        factor=100000000.0,
    ),

    "kg": Unit(
        symbol="kg",
        name="kilogram",
        quantity="mass",
        factor=1.0,
    ),

    "g": Unit(
        symbol="g",
        name="gram",
        quantity="mass",
        factor=0.001,
    ),

    "mg": Unit(
        symbol="mg",
        name="milligram",
        quantity="mass",
        factor=1e-06,
    ),

    "ug": Unit(
        symbol="ug",
        name="microgram",
        quantity="mass",
        factor=1e-09,
    ),

    "t": Unit(
        symbol="t",
        name="tonne",
        quantity="mass",
        factor=1000.0,
    ),

    "lb": Unit(
        symbol="lb",
        name="pound",
        quantity="mass",
        factor=0.45359237,
    ),

    "oz": Unit(
        symbol="oz",
        name="ounce",
        quantity="mass",
        factor=0.028349523125,
    ),

    "Da": Unit(
        symbol="Da",
        name="dalton",
        quantity="mass",
        factor=1.66053906892e-27,
    ),

    "s": Unit(
        symbol="s",
        name="second",
        quantity="time",
        factor=1.0,
    ),

    "ms": Unit(
        symbol="ms",
        name="millisecond",
        quantity="time",
        factor=0.001,
    ),

    "us": Unit(
        symbol="us",
        name="microsecond",
        quantity="time",
        factor=1e-06,
    ),

    "min": Unit(
        symbol="min",
        name="minute",
        quantity="time",
        factor=60.0,
    ),

    "h": Unit(
        symbol="h",
        name="hour",
        quantity="time",
        factor=3600.0,
    ),

    "d": Unit(
        symbol="d",
        name="day",
        quantity="time",
        factor=86400.0,
    ),

    "m3": Unit(
        symbol="m3",
        name="cubic metre",
        quantity="volume",
        factor=1.0,
    ),

    "l": Unit(
        symbol="l",
        name="litre",
        quantity="volume",
        factor=0.001,
    ),

    "dl": Unit(
        symbol="dl",
        name="decilitre",
        quantity="volume",
        factor=0.0001,
    ),

    "cl": Unit(
        symbol="cl",
        name="centilitre",
        quantity="volume",
        factor=1e-05,
    ),

    "ml": Unit(
        symbol="ml",
        name="millilitre",
        quantity="volume",
        factor=1e-06,
    ),

    "ul": Unit(
        symbol="ul",
        name="microlitre",
        quantity="volume",
        factor=1e-09,
    ),

    "cm3": Unit(
        symbol="cm3",
        name="cubic centimetre",
        quantity="volume",
        factor=1e-06,
    ),

    "Pa": Unit(
        symbol="Pa",
        name="pascal",
        quantity="pressure",
        factor=1.0,
    ),

    "hPa": Unit(
        symbol="hPa",
        name="hectopascal",
        quantity="pressure",
        factor=100.0,
    ),

    "kPa": Unit(
        symbol="kPa",
        name="kilopascal",
        quantity="pressure",
        factor=1000.0,
    ),

    "MPa": Unit(
        symbol="MPa",
        name="megapascal",
        quantity="pressure",
        factor=1000000.0,
    ),

    "bar": Unit(
        symbol="bar",
        name="bar",
        quantity="pressure",
        factor=100000.0,
    ),

    "mbar": Unit(
        symbol="mbar",
        name="millibar",
        quantity="pressure",
        factor=100.0,
    ),

    "atm": Unit(
        symbol="atm",
        name="standard atmosphere",
        quantity="pressure",
        factor=101325.0,
    ),

    "J": Unit(
        symbol="J",
        name="joule",
        quantity="energy",
        factor=1.0,
    ),

    "kJ": Unit(
        symbol="kJ",
        name="kilojoule",
        quantity="energy",
        factor=1000.0,
    ),

    "MJ": Unit(
        symbol="MJ",
        name="megajoule",
        quantity="energy",
        factor=1000000.0,
    ),

    "cal": Unit(
        symbol="cal",
        name="calorie",
        quantity="energy",
        factor=4.184,
    ),

    "kcal": Unit(
        symbol="kcal",
        name="kilocalorie",
        quantity="energy",
        factor=4184.0,
    ),

    "eV": Unit(
        symbol="eV",
        name="electronvolt",
        quantity="energy",
        factor=1.602176634e-19,
    ),

    "kWh": Unit(
        symbol="kWh",
        name="kilowatt hour",
        quantity="energy",
        factor=3600000.0,
    ),

    "W": Unit(
        symbol="W",
        name="watt",
        quantity="power",
        factor=1.0,
    ),

    "kW": Unit(
        symbol="kW",
        name="kilowatt",
        quantity="power",
        factor=1000.0,
    ),

    "MW": Unit(
        symbol="MW",
        name="megawatt",
        quantity="power",
        factor=1000000.0,
    ),

    "mol": Unit(
        symbol="mol",
        name="mole",
        quantity="amount",
        factor=1.0,
    ),

    "mmol": Unit(
        symbol="mmol",
        name="millimole",
        quantity="amount",
        factor=0.001,
    ),

    "umol": Unit(
        symbol="umol",
        name="micromole",
        quantity="amount",
        factor=1e-06,
    ),

    "kmol": Unit(
        symbol="kmol",
        name="kilomole",
        quantity="amount",
        factor=1000.0,
    ),

    "mol/l": Unit(
        symbol="mol/l",
        name="mole per litre",
        quantity="concentration",
        factor=1000.0,
    ),

    "mmol/l": Unit(
        symbol="mmol/l",
        name="millimole per litre",
        quantity="concentration",
        factor=1.0,
    ),

    "mol/m3": Unit(
        symbol="mol/m3",
        name="mole per cubic metre",
        quantity="concentration",
        factor=1.0,
    ),

    "Hz": Unit(
        symbol="Hz",
        name="hertz",
        quantity="frequency",
        factor=1.0,
    ),

    "kHz": Unit(
        symbol="kHz",
        name="kilohertz",
        quantity="frequency",
        factor=1000.0,
    ),

    "MHz": Unit(
        symbol="MHz",
        name="megahertz",
        quantity="frequency",
        factor=1000000.0,
    ),

    "N": Unit(
        symbol="N",
        name="newton",
        quantity="force",
        factor=1.0,
    ),

    "kN": Unit(
        symbol="kN",
        name="kilonewton",
        quantity="force",
        factor=1000.0,
    ),

    "C": Unit(
        symbol="C",
        name="coulomb",
        quantity="charge",
        factor=1.0,
    ),

    "mC": Unit(
        symbol="mC",
        name="millicoulomb",
        quantity="charge",
        factor=0.001,
    ),

    "V": Unit(
        symbol="V",
        name="volt",
        quantity="voltage",
        factor=1.0,
    ),

    "mV": Unit(
        symbol="mV",
        name="millivolt",
        quantity="voltage",
        factor=0.001,
    ),

    "kV": Unit(
        symbol="kV",
        name="kilovolt",
        quantity="voltage",
        factor=1000.0,
    ),
}


def unit(symbol):
    """The unit of that symbol; raises LookupError where there is none."""
    try:
        return UNITS[symbol]
    except KeyError:
        raise LookupError(f"there is no unit '{symbol}'") from None


def convert(value, source, target):
    """The value in another unit of the same quantity; raises ValueError for units of different quantities."""
    origin, goal = unit(source), unit(target)
    if origin.quantity != goal.quantity:
        raise ValueError(f"{origin.name} is a {origin.quantity}, {goal.name} a {goal.quantity}")
    return value * origin.factor / goal.factor


def of_quantity(quantity):
    """All units of a quantity, smallest first."""
    found = [unit for unit in UNITS.values() if unit.quantity == quantity]
    return sorted(found, key=lambda unit: unit.factor)
