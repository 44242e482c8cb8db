"""The rules of an account's own values."""

from __future__ import annotations

import pytest

from accounts import rules
from core import reference
from core.exceptions import RuleViolation


class TestEmail:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("ada@example.com", "ada@example.com"),
            (" ADA@Example.COM\n", "ada@example.com"),
            ("a@b.c.d.example", "a@b.c.d.example"),
            ("ada+news@example.com", "ada+news@example.com"),
            ("o'brien_{x}.y-z@example.com", "o'brien_{x}.y-z@example.com"),
            ("ada@münchen.de", "ada@xn--mnchen-3ya.de"),
            ("ada@MÜNCHEN.de", "ada@xn--mnchen-3ya.de"),
            ("ada@xn--mnchen-3ya.de", "ada@xn--mnchen-3ya.de"),
            ("ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"),
            ("ada@faß.de", "ada@xn--fa-hia.de"),
            ("ada@example。com", "ada@example.com"),
            ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ],
    )
    def test_is_lower_case_and_ascii(self, text: str, expected: str) -> None:
        assert rules.clean_email(text) == expected
        assert rules.clean_email(expected) == expected
        assert rules.lookup_email(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", "ada", "@", "@example.com", "ada@", "ada@example", "ada@.com"),
            *("ada@example.com.", "ada@com.", "ada@example..com", "ada@-example.com"),
            *("a b@example.com", "ada@exa mple.com", "ada@exam_ple.com", "ada@[8.8.8.8]"),
            *(".ada@example.com", "ada.@example.com", "a..b@example.com", "a@b@example.com"),
            *('"ada"@example.com', "ada,bob@example.com", "<ada@example.com>", "ada@example.com;"),
            *(
                "ädä@example.com",
                "\u212ada@example.com",
                "İda@example.com",
                "ada\u0000@example.com",
            ),
            *("ada@example.com\u202e", "ada@ex\u200dample.com", "ada@\ud800.com", "\ud800@x.com"),
            "a" * 65 + "@example.com",
            "ada@" + ".".join(["b" * 63] * 4) + ".com",
            "a" * 64 + "@" + ".".join(["b" * 63] * 3) + ".com",
        ],
    )
    def test_is_refused_and_finds_nobody(self, text: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            rules.clean_email(text)
        assert violation.value.code == "invalid"
        assert rules.lookup_email(text) == ""


class TestNames:
    def test_a_display_name_is_one_clean_line_or_blank(self) -> None:
        assert rules.clean_display_name("  Ada \u00c5 ") == "Ada Å"
        assert rules.clean_display_name(" ") == ""
        assert rules.clean_display_name("x" * 100) == "x" * 100

    def test_a_keys_name_is_not_blank(self) -> None:
        assert rules.clean_key_name(" Importer ") == "Importer"
        with pytest.raises(RuleViolation):
            rules.clean_key_name("  ")

    @pytest.mark.parametrize("name", ["x" * 101, "a\nb", "a\u202eb"])
    def test_neither_is_long_or_misleading(self, name: str) -> None:
        for clean in (rules.clean_display_name, rules.clean_key_name):
            with pytest.raises(RuleViolation):
                clean(name)


class TestTimeZone:
    @pytest.mark.parametrize("name", ["UTC", "Europe/Tallinn", "America/Argentina/Buenos_Aires"])
    def test_is_one_of_the_iana_database(self, name: str) -> None:
        assert rules.clean_time_zone(name) == name

    @pytest.mark.parametrize(
        "name", ["", "europe/tallinn", "Tallinn", "+02:00", "../etc/passwd", " UTC", "posixrules"]
    )
    def test_is_refused(self, name: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            rules.clean_time_zone(name)
        assert violation.value.code == "unknown_time_zone"


class TestCurrency:
    def test_is_one_that_pays(self) -> None:
        assert reference.clean_currency("EUR") == "EUR"

    @pytest.mark.parametrize("code", ["", "eur", "XAU", "XXX"])
    def test_is_refused(self, code: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            reference.clean_currency(code)
        assert violation.value.code == "unknown_currency"


class TestDevice:
    @pytest.mark.parametrize(
        ("user_agent", "expected"),
        [
            ("curl/8.5.0", "curl/8.5.0"),
            ("", ""),
            (" Mozilla/5.0 (X11)\r\nX-Evil: 1\x1b[31m ", "Mozilla/5.0 (X11)X-Evil: 1[31m"),
            ("a\u202eb\ud800", "ab"),
            ("x" * 500, "x" * 200),
        ],
    )
    def test_is_the_clients_word_made_safe(self, user_agent: str, expected: str) -> None:
        assert rules.device_name(user_agent) == expected
