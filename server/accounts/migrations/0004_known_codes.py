"""Say which codes are known in a way that is quick to check (``core.reference.is_among``).

PostgreSQL looks at every row while it adds such a constraint, and lets nobody write meanwhile.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models.functions import Length, StrIndex
from django.db.models.lookups import Exact

_CURRENCIES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN "
    "ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP "
    "PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
    "SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV "
    "WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"
)


def _is_among(column: str, codes: str) -> models.Q:
    length = codes.index(" ")
    place = StrIndex(models.Value(codes), models.F(column))
    return models.Q(Exact(place % (length + 1), 1)) & models.Q(Exact(Length(column), length))


class Migration(migrations.Migration):
    """Replace the constraint; it has its name again."""

    dependencies: ClassVar = [("accounts", "0003_attempts")]
    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="account", name="account_currency_known"),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=_is_among("default_currency", _CURRENCIES),
                name="account_currency_known",
            ),
        ),
    ]
