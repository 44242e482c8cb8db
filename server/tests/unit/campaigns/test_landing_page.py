"""Which landing pages are taken, and how they are kept."""

from __future__ import annotations

import pytest

from campaigns.landing_page import LONGEST_URL, clean_landing_page_url
from core.exceptions import RuleViolation


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/",
        "http://example.com/Path/?A=b&c=D#Frag",
        "https://example.com:8443/offer",
        "https://example.com:1",
        "https://example.com:65535/",
        "https://example.com.",
        "https://a.b.c.d.example.com",
        "https://shop.example/offer",
        "https://shop.test/offer",
        "https://3com.com",
        "https://1e100.net",
        "https://a--b.example.com",
        "https://example.com?u=a@b",
        "https://example.com/path//@x",
        "https://example.com/{click_id}?c={Click_ID}&s={sub 1}#{x}".replace(" ", "_"),
        "https://example.com?x={{nested}}&open={",
        "https://example.com/%7Bclick_id%7D%20%5C",
        "https://example.com/<>|^`'\"",
        "https://example.com/ä?ö=ü#ß",
        "https://example.com/a/../b/./c",
        "https://8.8.8.8",
        "https://1.1.1.1:8080/x",
        "https://[2001:4860:4860::8888]",
        "https://[2001:4860:4860::8888]:8443/x",
        "https://münchen.de",
        "https://xn--mnchen-3ya.de",
        "https://faß.de",
        "https://пример.рф",
        "https://ελληνικά.gr",
        "https://日本語.jp",
        "https://日本語abc.jp",
        "https://例え.テスト",
        "https://한국a.kr",
        "https://example。com",
        "https://" + "a" * 63 + ".com",
        "https://example.com/" + "a" * (LONGEST_URL - len("https://example.com/")),
    ],
)
def test_is_kept_byte_for_byte(url: str) -> None:
    assert clean_landing_page_url(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://EXAMPLE.com/A?B={C}#D", "https://example.com/A?B={C}#D"),
        ("Http://Example.Com", "http://example.com"),
        ("https://EXAMPLE.COM:8443/A", "https://example.com:8443/A"),
        ("https://[2001:4860:4860::ABCD]/A", "https://[2001:4860:4860::abcd]/A"),
        ("https://MÜNCHEN.de/Ä", "https://münchen.de/Ä"),
        (" \t\nhttps://example.com/a\r\n", "https://example.com/a"),
    ],
)
def test_is_trimmed_and_its_scheme_and_host_are_lower_case(url: str, expected: str) -> None:
    assert clean_landing_page_url(url) == expected
    assert clean_landing_page_url(expected) == expected


def refused(code: str, *urls: str) -> list[tuple[str, str]]:
    return [(url, code) for url in urls]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *refused("blank", "", "  \n"),
        *refused(
            "max_length",
            "https://example.com/" + "a" * (LONGEST_URL - len("https://example.com/") + 1),
            # One capital whose lower case is two characters.
            "https://İ.com/" + "a" * (LONGEST_URL - len("https://İ.com/")),
        ),
        *refused(
            "invalid_scheme",
            "example.com",
            "//example.com",
            "ftp://example.com",
            "ws://example.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "mailto:a@example.com",
            "https:example.com",
            "https:/example.com",
            "://example.com",
            "httpss://example.com",
            "{scheme}://example.com",
        ),
        *refused(
            "credentials",
            "https://user@example.com",
            "https://user:password@example.com",
            "https://@example.com",
            "https://:@example.com",
            "https://example.com@evil.example",
            "https://a@b@example.com",
        ),
        *refused(
            "invalid_port",
            "https://example.com:",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:-1",
            "https://example.com:http",
            "https://example.com:\uff11",
            "https://example.com:80:80",
            "https://2001:4860:4860::8888",
            "https://[2001:4860:4860::8888]:",
        ),
        *refused(
            "private_host",
            # Addresses of this machine, this network, and of nobody.
            *("https://127.0.0.1", "https://127.255.255.254", "https://0.0.0.0"),
            *("https://10.0.0.1", "https://172.16.0.1", "https://172.31.255.255"),
            *("https://192.168.0.1", "https://100.64.0.1", "https://169.254.169.254"),
            *(
                "https://192.0.0.9",
                "https://192.0.0.10",
                "https://192.88.99.1",
                "https://[3fff::1]",
            ),
            *("https://192.0.2.1", "https://198.51.100.1", "https://203.0.113.1"),
            *("https://198.18.0.1", "https://240.0.0.1", "https://255.255.255.255"),
            *("https://224.0.0.1", "https://233.252.0.1", "https://239.255.255.250"),
            *("https://[::]", "https://[::1]", "https://[fe80::1]", "https://[fec0::1]"),
            *("https://[fe80::1%25eth0]", "https://[2606:4700::1111%251]"),
            *("https://[fc00::1]", "https://[fd12:3456::1]", "https://[2001:db8::1]"),
            *("https://[ff02::1]", "https://[ff0e::1]", "https://[100::1]"),
            # IPv6 addresses with an IPv4 one in them.
            *("https://[::ffff:127.0.0.1]", "https://[::ffff:8.8.8.8]", "https://[::FFFF:a00:1]"),
            *("https://[64:ff9b::a00:1]", "https://[64:ff9b::8.8.8.8]", "https://[64:ff9b:1::1]"),
            *("https://[2002:a00:1::]", "https://[2001:0:1::1]", "https://[::8.8.8.8]"),
            # Names that lead nowhere public.
            *("https://localhost", "https://LOCALHOST:8000/", "https://localhost."),
            *("https://app.localhost", "https://localhost。", "https://ⓛocalhost"),
            *("https://localhost.localdomain", "https://intranet", "https://com"),
            *("https://printer.local", "https://db.internal", "https://nas.lan"),
            *("https://x.onion", "https://x.invalid", "https://router.home.arpa"),
        ),
        *refused(
            "invalid_host",
            *("https://", "https:///path", "https://?x=1", "https://#x"),
            # What browsers read as an IPv4 address, in other forms than four numbers.
            *("https://127.1", "https://0x7f.1", "https://2130706433", "https://0x7f000001"),
            *("https://0177.0.0.1", "https://127.0.1", "https://1.2.3.4.5", "https://256.1.1.1"),
            *("https://8.8.8.8.", "https://example.0x1", "https://example.1", "https://0x"),
            *("https://\uff11\uff12\uff17.0.0.1", "https://127。0。0。1", "https://①②⑦.0.0.1"),
            *("https://[2001:4860:4860::8888]x", "https://[v1.x]"),
            *("https://exa_mple.com", "https://-example.com", "https://example-.com"),
            *("https://example..com", "https://.example.com", "https://exa%6dple.com"),
            *("https://ex<am>ple.com", "https://ex*mple.com", "https://{sub}.example.com"),
            *("https://xn--a.com", "https://ex\u200dample.com", "https://" + "a" * 64 + ".com"),
            "https://" + ".".join(["a" * 60] * 5) + ".com",
        ),
        *refused(
            "mixed_script",
            "https://\u0430pple.com",  # with a Cyrillic letter
            "https://xn--pple-43d.com",  # the same in ASCII
            "https://shop.g\u043e\u043egle.com",
            "https://\u03b1bc.gr",
            "https://日本語привет.jp",
        ),
        *refused(
            "invalid",
            "https://example.com/a b",
            "https://example.com/\u00a0x",
            "https://example.com/\u3000x",
            "https://exam ple.com",
            "https://example.com\\@evil.example",
            "https:\\\\example.com",
            "https://example.com/\\x",
        ),
        *refused(
            "invalid_host",
            "https://[2001:4860:4860::8888",
            "https://example.com\uff0f@evil.example",
            "https://℀.com",
        ),
        *refused(
            "invisible_character",
            "https://example.com/a\nb",
            "https://example.com/a\tb",
            "https://exa\rmple.com",
            "https://example.com/\x00",
            "https://example.com/\u202e",
            "https://example.com/\u2028x",
            "https://example.com/\ud800",
            "java\nscript:alert(1)",
        ),
    ],
)
def test_is_refused(url: str, code: str) -> None:
    with pytest.raises(RuleViolation) as violation:
        clean_landing_page_url(url)
    assert (violation.value.code, bool(violation.value.detail)) == (code, True)


@pytest.mark.parametrize(
    "url", ["https://[2001:4860:4860:::1]", "https://[]", "https://[8.8.8.8]", "https://[x]"]
)
def test_what_is_no_address_in_brackets_is_refused(url: str) -> None:
    with pytest.raises(RuleViolation) as violation:
        clean_landing_page_url(url)
    assert violation.value.code == "invalid_host"
