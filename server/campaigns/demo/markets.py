"""Where the demo's campaigns pay: countries, their currencies, and what a conversion is worth."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

PER_EURO = MappingProxyType(
    {
        currency: Decimal(rate)
        for currency, rate in (
            ("AED", "4.2"), ("ARS", "1500"), ("AUD", "1.75"), ("BDT", "135"), ("BRL", "6.3"),
            ("CAD", "1.6"), ("CHF", "0.94"), ("CLP", "1080"), ("COP", "4600"), ("CZK", "24.5"),
            ("DKK", "7.46"), ("EGP", "55"), ("EUR", "1"), ("GBP", "0.86"), ("GEL", "3.1"),
            ("GHS", "13"), ("HKD", "9.1"), ("HUF", "395"), ("IDR", "19000"), ("ILS", "3.9"),
            ("INR", "100"), ("ISK", "142"), ("JPY", "170"), ("KES", "150"), ("KRW", "1640"),
            ("KWD", "0.358"), ("KZT", "600"), ("LKR", "350"), ("MAD", "10.6"), ("MXN", "21.5"),
            ("MYR", "4.9"), ("NGN", "1720"), ("NOK", "11.7"), ("NZD", "2"), ("PEN", "4.1"),
            ("PHP", "67"), ("PKR", "330"), ("PLN", "4.25"), ("RON", "5.08"), ("SAR", "4.4"),
            ("SEK", "11"), ("SGD", "1.5"), ("THB", "37.5"), ("TND", "3.4"), ("TRY", "48"),
            ("TWD", "35"), ("UAH", "48"), ("USD", "1.16"), ("UYU", "46"), ("VND", "30500"),
            ("ZAR", "20.3"),
        )
    }
)  # fmt: skip
"""Units of a currency for one euro, roughly: enough for amounts that look right."""

TIER_SHARE = MappingProxyType({1: Decimal(1), 2: Decimal("0.55"), 3: Decimal("0.22")})
"""What a conversion is worth in a country of each tier, beside the best ones."""

_STEPS = tuple(
    (Decimal(least), Decimal(step))
    for least, step in (
        ("10000", "500"), ("1000", "50"), ("200", "10"), ("50", "1"), ("10", "0.5"),
        ("1", "0.05"), ("0.1", "0.01"),
    )
)  # fmt: skip
"""From each amount on, what amounts are rounded to."""
_FINEST_STEP = Decimal("0.0005")


@dataclass(frozen=True, slots=True)
class Country:
    """A country that campaigns pay in."""

    code: str
    currency: str
    tier: int


@dataclass(frozen=True, slots=True)
class Region:
    """Countries that are bought together, under the name a campaign's title gives them."""

    name: str
    countries: tuple[Country, ...]


def _region(name: str, *countries: str) -> Region:
    """Read countries written as ``code currency tier``."""
    read = (text.split() for text in countries)
    return Region(
        name,
        tuple(Country(code, currency, int(tier)) for code, currency, tier in read),
    )


REGIONS = MappingProxyType(
    {
        region.name: region
        for region in (
            _region("Nordics", "SE SEK 1", "NO NOK 1", "DK DKK 1", "FI EUR 1", "IS ISK 2"),
            _region("Baltics", "EE EUR 2", "LV EUR 2", "LT EUR 2"),
            _region("DACH", "DE EUR 1", "AT EUR 1", "CH CHF 1"),
            _region("Benelux", "NL EUR 1", "BE EUR 1", "LU EUR 1"),
            _region("UK & Ireland", "GB GBP 1", "IE EUR 1"),
            _region("France", "FR EUR 1", "MC EUR 1"),
            _region("Iberia", "ES EUR 2", "PT EUR 2"),
            _region("Italy", "IT EUR 2", "SM EUR 2"),
            _region("Greece & Cyprus", "GR EUR 2", "CY EUR 2"),
            _region(
                "CEE",
                *("PL PLN 2", "CZ CZK 2", "SK EUR 2", "HU HUF 2", "RO RON 2", "BG EUR 3"),
                *("HR EUR 2", "SI EUR 2"),
            ),
            _region("Ukraine", "UA UAH 3"),
            _region("Caucasus & Central Asia", "GE GEL 3", "KZ KZT 3"),
            _region("North America", "US USD 1", "CA CAD 1"),
            _region(
                "LATAM",
                *("BR BRL 2", "MX MXN 2", "AR USD 3", "CL CLP 2", "CO COP 3", "PE PEN 3"),
                *("UY UYU 2",),
            ),
            _region("Brazil", "BR BRL 2"),
            _region("ANZ", "AU AUD 1", "NZ NZD 1"),
            _region("Japan", "JP JPY 1"),
            _region("Korea", "KR KRW 1"),
            _region("Greater China", "HK HKD 1", "TW TWD 2"),
            _region(
                "SEA",
                *("SG SGD 1", "MY MYR 2", "TH THB 3", "ID IDR 3", "PH PHP 3", "VN VND 3"),
            ),
            _region("India", "IN INR 3"),
            _region("South Asia", "IN INR 3", "PK PKR 3", "BD BDT 3", "LK LKR 3"),
            _region("GCC", "AE AED 1", "SA SAR 1", "KW KWD 1"),
            _region("MENA", "AE AED 1", "SA SAR 1", "EG EGP 3", "MA MAD 3", "TN TND 3"),
            _region("Israel", "IL ILS 2"),
            _region("Türkiye", "TR TRY 3"),
            _region("Sub-Saharan Africa", "ZA ZAR 3", "NG NGN 3", "KE KES 3", "GH GHS 3"),
        )
    }
)


def everywhere() -> tuple[Country, ...]:
    """Return each country of all regions once, by code."""
    countries = {
        country.code: country for region in REGIONS.values() for country in region.countries
    }
    return tuple(countries[code] for code in sorted(countries))


def believable(euros: Decimal, currency: str, *, minor_digits: int) -> Decimal:
    """Return an amount in a currency as a person would set it: few significant digits.

    :param minor_digits: the currency's; only an amount under a tenth of a unit may have more.
    """
    amount = euros * PER_EURO[currency]
    unit = next((step for least, step in _STEPS if amount >= least), None)
    unit = _FINEST_STEP if unit is None else max(unit, Decimal(1).scaleb(-minor_digits))
    return max(unit, (amount / unit).to_integral_value() * unit)
