"""The file that the map is drawn from."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

from core.reference import countries


def drawing() -> str:
    found = finders.find("console/world.svg")
    assert found
    return Path(found).read_text(encoding="utf-8")


def test_every_country_is_on_the_map_once() -> None:
    shapes = re.findall(r'<(?:path|g|circle) id="(\w+)"', drawing())
    assert sorted(shapes) == sorted([*countries(), "other"])


def test_countries_that_natural_earth_gives_no_code_of_their_own_are_where_they_are() -> None:
    def where(code: str) -> tuple[int, int]:
        found = re.search(rf'id="{code}" (?:d="M(\d+) (\d+)|cx="(\d+)" cy="(\d+))', drawing())
        assert found, code
        x, y = [int(number) for number in found.groups() if number]
        return x, y

    # Of 2,000 by 933 units: Paris and Cayenne, Oslo and Longyearbyen, Amsterdam and Kralendijk.
    assert 850 < where("FR")[0] < 1010
    assert 560 < where("GF")[0] < 640
    assert where("SJ")[1] < 80 < where("NO")[1] + 80
    assert where("BQ")[0] < 600 < where("NL")[0]
    assert where("RE")[1] > 500


def test_the_file_is_small_and_says_whose_it_is() -> None:
    assert len(gzip.compress(drawing().encode())) < 50_000
    assert "Natural Earth" in drawing()
    assert "style" not in drawing()
