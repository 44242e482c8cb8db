"""Say which codes are known in a way that is quick to check (``core.reference.is_among``).

PostgreSQL looks at every row while it adds such a constraint, and lets nobody write meanwhile.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models.functions import Length, StrIndex
from django.db.models.lookups import Exact

_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
    "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
    "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW"
)
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
    """Replace both constraints; they have their names again."""

    dependencies: ClassVar = [("campaigns", "0006_imports")]
    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="campaignpayout", name="payout_country_known"),
        migrations.RemoveConstraint(model_name="campaignpayout", name="payout_currency_known"),
        migrations.AddConstraint(
            model_name="campaignpayout",
            constraint=models.CheckConstraint(
                condition=models.Q(country=None) | _is_among("country", _COUNTRIES),
                name="payout_country_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignpayout",
            constraint=models.CheckConstraint(
                condition=_is_among("currency", _CURRENCIES), name="payout_currency_known"
            ),
        ),
    ]
