"""What the demo's campaigns sell: verticals, their advertisers, and what one conversion is.

Every brand is invented, and every host is under a name that is reserved for examples (RFC 2606).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Brand:
    """An advertiser's brand and where it sells."""

    name: str
    host: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertical:
    """A line of business.

    ``goals`` are what conversions can be, with their worth in euros in the best countries;
    ``paths`` are where landing pages lie, with ``{lang}`` for the country's own folder.
    """

    name: str
    brands: tuple[Brand, ...]
    goals: tuple[tuple[str, Decimal], ...]
    angles: tuple[str, ...]
    paths: tuple[str, ...]
    sells_everywhere: bool = False


def _brands(*lines: str) -> tuple[Brand, ...]:
    """Read brands written as ``name | host | region, region``."""
    read = ([part.strip() for part in line.split("|")] for line in lines)
    return tuple(
        Brand(name, host, tuple(region.strip() for region in regions.split(",")))
        for name, host, regions in read
    )


def _goals(*lines: str) -> tuple[tuple[str, Decimal], ...]:
    """Read goals written as ``name: euros``."""
    read = (line.rpartition(":") for line in lines)
    return tuple((name, Decimal(euros.strip())) for name, _, euros in read)


VERTICALS = (
    Vertical(
        name="e-commerce",
        brands=_brands(
            "Nordvale Outdoor | nordvale.example | Nordics, Baltics, DACH",
            "Lumiq Beauty | lumiq-beauty.example | France, Benelux, Iberia, GCC",
            "Kotikolo Home | kotikolo.example | Nordics, Baltics",
            "Tessaro Shoes | tessaro.example | Italy, Iberia, CEE, Greece & Cyprus",
            "Pawpantry | pawpantry.example | UK & Ireland, North America, ANZ",
        ),
        goals=_goals("First order: 14", "Any order: 6.5", "Newsletter: 1.2", "App order: 9"),
        angles=("Spring sale", "Black Week", "Free delivery", "Back to school", "Retargeting"),
        paths=("/{lang}/sale", "/{lang}/new-in", "/{lang}/gift-finder", "/welcome10"),
    ),
    Vertical(
        name="travel",
        brands=_brands(
            "Kestrelfly | kestrelfly.example | DACH, UK & Ireland, CEE, Türkiye",
            "Harborstay | harborstay.example | North America, ANZ, SEA, Iberia",
            "Railhop | railhop.example | Benelux, France, DACH, Italy",
            "Isla Rentals | isla-rentals.example | LATAM, Iberia, North America",
        ),
        goals=_goals("Flight booked: 11", "Hotel stay: 18", "Car rental: 9.5", "App install: 1.4"),
        angles=("Summer", "Last minute", "City breaks", "Ski season", "Price alert"),
        paths=("/{lang}/deals", "/{lang}/search", "/{lang}/weekend", "/app"),
    ),
    Vertical(
        name="insurance",
        brands=_brands(
            "Aegisly | aegisly.example | UK & Ireland, North America, ANZ",
            "Polisa24 | polisa24.example | CEE, Baltics, Ukraine",
            "Tryggvik | tryggvik.example | Nordics",
            "Segurama | segurama.example | Iberia, LATAM, Brazil",
        ),
        goals=_goals("Policy sold: 62", "Quote completed: 9", "Callback request: 6"),
        angles=("Car", "Travel cover", "Pet", "Home", "E-bike", "Comparison"),
        paths=("/{lang}/quote", "/{lang}/compare", "/{lang}/car", "/callback"),
    ),
    Vertical(
        name="gaming",
        brands=_brands(
            "Emberhold | emberhold.example | North America, DACH, Korea, Japan, Brazil",
            "Tidewake Tactics | tidewake.example | SEA, Greater China, Japan",
            "Puzzlorium | puzzlorium.example | India, LATAM, MENA, Türkiye",
            "Rocket Orchard | rocket-orchard.example | Nordics, UK & Ireland, France",
        ),
        goals=_goals(
            "Install: 1.8",
            "Level 10: 4.2",
            "First purchase: 12",
            "Pre-registration: 0.6",
            "Completed video: 0.03",
        ),
        angles=("Android", "iOS", "Season 7", "Playable ad", "Web shop", "Lunar New Year"),
        paths=("/play", "/{lang}/store", "/season7", "/{lang}/preregister"),
        sells_everywhere=True,
    ),
    Vertical(
        name="fintech",
        brands=_brands(
            "Coinleaf | coinleaf.example | DACH, Benelux, Iberia, Italy",
            "Moneta Loop | monetaloop.example | Baltics, CEE, Nordics",
            "Payrook | payrook.example | UK & Ireland, North America",
            "Sikka Wallet | sikka-wallet.example | India, South Asia, GCC",
            "Umoja Pay | umojapay.example | Sub-Saharan Africa, MENA",
        ),
        goals=_goals(
            "Account opened: 28", "KYC approved: 41", "Card ordered: 17", "First deposit: 95"
        ),
        angles=("Students", "Freelancers", "Cashback", "Travel card", "Refer a friend"),
        paths=("/{lang}/open", "/{lang}/card", "/start", "/{lang}/cashback"),
    ),
    Vertical(
        name="education",
        brands=_brands(
            "Lingvarium | lingvarium.example | LATAM, CEE, Korea, Japan, Türkiye",
            "Codeshoal | codeshoal.example | North America, India, Sub-Saharan Africa",
            "Abakus Akademie | abakus-akademie.example | DACH",
        ),
        goals=_goals("Trial lesson: 7.5", "Course paid: 34", "Lead: 4.8"),
        angles=("New Year", "Back to school", "Evening courses", "Kids", "Exam season"),
        paths=("/{lang}/trial", "/{lang}/courses", "/kids", "/{lang}/webinar"),
        sells_everywhere=True,
    ),
    Vertical(
        name="telecom",
        brands=_brands(
            "Fonora | fonora.example | Iberia, LATAM, Italy",
            "Sidus Mobile | sidus-mobile.example | Baltics, Nordics, CEE",
            "Roamlight eSIM | roamlight.example | SEA, ANZ, GCC, Israel, Korea",
        ),
        goals=_goals("Contract: 55", "Prepaid SIM: 8", "eSIM sold: 5.2", "Number port: 38"),
        angles=("SIM only", "5G home", "Roaming", "Family plan", "Prepaid"),
        paths=("/{lang}/plans", "/{lang}/sim-only", "/esim", "/{lang}/switch"),
    ),
    Vertical(
        name="health",
        brands=_brands(
            "Verdalia Pharm | verdalia.example | CEE, Ukraine, Baltics",
            "Optikk | optikk.example | Nordics, UK & Ireland",
            "Calmora | calmora.example | North America, ANZ, DACH",
            "Vitaluz | vitaluz.example | Iberia, Brazil, LATAM",
        ),
        goals=_goals("First order: 16", "Subscription: 29", "Eye test booked: 12", "Trial: 6"),
        angles=("Sleep", "Vitamins", "Contact lenses", "Spring allergy", "Sport"),
        paths=("/{lang}/quiz", "/{lang}/starter-pack", "/trial", "/{lang}/offers"),
    ),
    Vertical(
        name="SaaS",
        brands=_brands(
            "Invoicely Nook | invoicenook.example | UK & Ireland, Benelux, North America",
            "Rotaloom | rotaloom.example | DACH, Nordics, Baltics",
            "Mailbarn | mailbarn.example | North America, India, ANZ",
            "Tablero CRM | tablero-crm.example | LATAM, Iberia",
        ),
        goals=_goals("Trial: 21", "Demo booked: 75", "Paid plan: 120", "Sign-up: 8"),
        angles=("Small teams", "Agencies", "Template gallery", "Switch & save", "Webinar"),
        paths=("/{lang}/trial", "/pricing", "/{lang}/demo", "/templates"),
        sells_everywhere=True,
    ),
    Vertical(
        name="mobility",
        brands=_brands(
            "Voltagen | voltagen.example | Benelux, France, DACH, Nordics",
            "Hopscoot | hopscoot.example | Iberia, Italy, Israel, Greece & Cyprus",
            "Gari Now | garinow.example | GCC, MENA, Caucasus & Central Asia",
            "Tukgo | tukgo.example | South Asia, SEA, Sub-Saharan Africa",
        ),
        goals=_goals("First ride: 4.5", "Driver lead: 19", "Charger order: 46", "Install: 1.1"),
        angles=("Airport", "Commuters", "Weekend", "Drivers wanted", "Night rides"),
        paths=("/{lang}/ride", "/{lang}/drive", "/app", "/{lang}/charge"),
    ),
)

LOCAL_TITLES = (
    (
        "春の新生活キャンペーン - Lingvarium 無料体験",
        "https://lingvarium.example/ja/haru?cid={click_id}",
        "Japan",
    ),
    (
        "Emberhold 사전예약 - 신규 서버",
        "https://emberhold.example/ko/preregister?click={click_id}",
        "Korea",
    ),
    (
        "潮醒戰棋 - 農曆新年活動",
        "https://tidewake.example/zh-hant/lny?cid={click_id}",
        "Greater China",
    ),
    (
        "Автоцивілка онлайн - Polisa24",
        "https://polisa24.example/uk/osago?click_id={click_id}",
        "Ukraine",
    ),
    (
        "Ασφάλεια ταξιδιού - καλοκαίρι",
        "https://aegisly.example/el/travel?cid={click_id}",
        "Greece & Cyprus",
    ),
    ("عروض نهاية الأسبوع - Gari Now", "https://garinow.example/ar/weekend?cid={click_id}", "GCC"),
    (
        "מבצע קיץ - Hopscoot תל אביב",
        "https://hopscoot.example/he/summer?click={click_id}",
        "Israel",
    ),
    (
        "सिक्का वॉलेट - पहला रिचार्ज",
        "https://sikka-wallet.example/hi/recharge?cid={click_id}",
        "India",
    ),
    (
        "უფასო პირველი მგზავრობა - Gari Now",
        "https://garinow.example/ka/first?cid={click_id}",
        "Caucasus & Central Asia",
    ),
    (
        "Jõuluõhtu - Kotikolo kingiideed",
        "https://kotikolo.example/et/joulud?cid={click_id}",
        "Baltics",
    ),
    ("Świąteczna wyprzedaż - Tessaro", "https://tessaro.example/pl/swieta?cid={click_id}", "CEE"),
    (
        "İlk siparişe özel - Puzzlorium Mağaza",
        "https://puzzlorium.example/tr/magaza?cid={click_id}",
        "Türkiye",
    ),
    (
        "Größe zählt: Übergrößen-Wochen - Nordvale",
        "https://nordvale.example/de/übergrößen?cid={click_id}",
        "DACH",
    ),
    ("ลดราคากลางปี - Roamlight eSIM", "https://roamlight.example/th/midyear?cid={click_id}", "SEA"),
)
"""Title, landing page and region of campaigns that are named in the language of their market."""
