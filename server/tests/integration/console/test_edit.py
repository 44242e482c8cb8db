"""New campaign and edit campaign, without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.reference import countries
from tests.fixtures.api import LANDING_PAGE, ApiClient, payout
from tests.fixtures.console import HTMX, ConsoleClient, console_client
from tests.fixtures.forms import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW = "/campaigns/new/"


@pytest.fixture
def console(api: ApiClient) -> ConsoleClient:
    """Return a browser in which Ada is signed in."""
    return console_client("ada@example.com")


def opened(console: ConsoleClient, path: str = NEW) -> Form:
    return Form(console.get(path), "campaign")


def send(console: ConsoleClient, path: str, fields: Mapping[str, Any], do: str = "") -> Form:
    """Press a button of the form, Save unless told otherwise."""
    return Form(console.send(path, {**fields, **({"do": do} if do else {})}), "campaign")


def typed(*rows: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    """Return a form that is filled in."""
    country, amount, currency = zip(*rows, strict=True) if rows else ((), (), ())
    return {
        "title": "Loans",
        "landing_page_url": LANDING_PAGE,
        "country": list(country),
        "amount": list(amount),
        "currency": list(currency),
    } | fields


def edit_path(campaign: Mapping[str, Any]) -> str:
    return f"/campaigns/{campaign['id']}/edit/"


def card(api: ApiClient, title: str = "Loans") -> list[tuple[str | None, str, str]]:
    """Return the stored rate card of the campaign with a title."""
    found = api.get("campaigns/", {"title": title}).json["results"]
    assert len(found) == 1, found
    return [(row["country"], row["amount"], row["currency"]) for row in found[0]["payouts"]]


def test_a_new_form_has_one_row_in_the_accounts_currency(api: ApiClient) -> None:
    api.patch("auth/profile/", {"default_currency": "SEK"})
    form = opened(console_client("ada@example.com"))
    assert form.fields["country"] == [""]
    assert form.fields["currency"] == ["SEK"]
    assert "version" not in form.fields


def test_a_campaign_is_created_and_the_next_page_says_so(
    api: ApiClient, console: ConsoleClient
) -> None:
    fields = typed(("Esto", "42,00", "eur"), ("Worldwide", "$12", "USD"), is_running="on")
    answer = console.send(NEW, fields)
    assert answer.status_code == 302
    assert "Created “Loans”." in console.get(answer.headers["Location"]).content.decode()
    assert card(api) == [(None, "12.00", "USD"), ("EE", "42.00", "EUR")]
    assert api.get("campaigns/").json["results"][0]["is_running"]


def test_a_form_shows_what_is_stored_the_world_last(api: ApiClient, console: ConsoleClient) -> None:
    rows = [payout(), payout("SE", "0.0005", "SEK"), payout("EE", "42")]
    campaign = api.create(payouts=rows, is_running=True)
    form = opened(console, edit_path(campaign))
    assert form.fields["country"] == [
        "Estonia (EE)",
        "Sweden (SE)",
        "Everywhere else (worldwide)",
    ]
    assert form.fields["amount"] == ["42.00", "0.0005", "1.50"]
    assert form.fields["version"] == ["1"]
    assert "is_running" in form.fields


def test_what_was_shown_is_saved_as_it_was(api: ApiClient, console: ConsoleClient) -> None:
    campaign = api.create(payouts=[payout(), payout("EE", "42")])
    form = opened(console, edit_path(campaign))
    assert send(console, edit_path(campaign), form.fields).status == 302
    page = console.get(f"/campaigns/{campaign['id']}/").content.decode()
    assert "Nothing to save: “Loans” is as it was." in page
    assert api.get(f"campaigns/{campaign['id']}/").json["version"] == 1


def test_a_row_is_added_in_the_currency_of_the_one_above(console: ConsoleClient) -> None:
    form = send(console, NEW, typed(("nowhere", "x", "SEK"), title=""), do="add")
    assert form.status == 200
    assert form.fields["country"] == ["nowhere", ""]
    assert form.fields["amount"] == ["x", ""]
    assert form.fields["currency"] == ["SEK", "SEK"]
    assert form.focus == "country-1"
    assert not form.errors


def test_a_row_is_removed_and_one_is_always_left(console: ConsoleClient) -> None:
    rows = ("EE", "1", "EUR"), ("FI", "2", "EUR")
    form = send(console, NEW, typed(*rows), do="remove:0")
    assert form.fields["country"] == ["FI"]
    assert form.focus == "country-0"
    form = send(console, NEW, form.fields, do="remove:0")
    assert form.fields["country"] == [""]
    assert form.fields["title"] == ["Loans"]


def test_enter_saves(console: ConsoleClient) -> None:
    first = opened(console).page.partition('id="campaign"')[2].partition("<button")[2]
    assert "name=" not in first.partition(">")[0]


def test_every_error_stands_beside_its_field_and_what_was_typed_is_kept(
    api: ApiClient, console: ConsoleClient
) -> None:
    rows = (
        ("Germany", "38.50", "EUR"),
        ("", "", "EUR"),
        ("DE", "0", "EUR"),
        ("korea", "1,234", "EUROS"),
    )
    fields = typed(*rows, title=" ", landing_page_url="http://localhost/quote", is_running="on")
    form = send(console, NEW, fields)
    assert form.status == 400
    assert form.errors == {
        "title": "This may not be blank.",
        "landing-page": "The host is not a public name, such as example.com.",
        "country-2": "Germany is already on this rate card, 2 rows up.",
        "amount-2": "An amount is greater than 0.",
        "country-3": "“korea” could be North Korea (KP) or South Korea (KR). Choose one.",
        "amount-3": "“1,234” can be read in two ways. Write 1234 or 1.234.",
        "currency-3": "“EUROS” is no currency. Choose one of the list, such as EUR.",
    }
    assert {name: form.fields[name] for name in ("title", "landing_page_url", "is_running")} == {
        "title": [" "],
        "landing_page_url": ["http://localhost/quote"],
        "is_running": ["on"],
    }
    sent = zip(*(form.fields[name] for name in ("country", "amount", "currency")), strict=True)
    assert tuple(sent) == rows
    assert "7 fields need attention" in form.page
    assert form.focus == "problems"
    assert api.get("campaigns/").json["count"] == 0


def test_rows_in_which_nothing_was_typed_are_passed_over_but_not_all(
    api: ApiClient, console: ConsoleClient
) -> None:
    blank = ("", " ", "EUR")
    assert "payouts" in send(console, NEW, typed(blank, blank)).errors
    assert send(console, NEW, typed(blank, ("EE", "1", "EUR"))).status == 302
    assert card(api) == [("EE", "1.00", "EUR")]


def test_a_taken_title_is_said_beside_it(api: ApiClient, console: ConsoleClient) -> None:
    api.create("Loans")
    form = send(console, NEW, typed(("EE", "1", "EUR"), title="LOANS"))
    assert form.status == 409
    assert form.errors == {
        "title": "You have another campaign with the title “LOANS”; choose another."
    }


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\u202e"], ids=["NUL", "bell", "bidi"])
def test_what_cannot_be_seen_is_an_error_beside_its_field(console: ConsoleClient, bad: str) -> None:
    row = (f"EE{bad}", f"1{bad}0", f"EUR{bad}x")
    fields = typed(row, title=f"Lo{bad}ans", landing_page_url=f"https://a.example/{bad}x")
    form = send(console, NEW, fields)
    assert form.status == 400
    assert set(form.errors) == {"title", "landing-page", "country-0", "amount-0", "currency-0"}
    assert all("which cannot be seen" in error for error in form.errors.values())


def test_pasted_lines_fill_rows_and_new_amounts_replace_old_ones(
    console: ConsoleClient,
) -> None:
    lines = "Country\tPayout\nSE\t5\nestonia\t42,00\tusd\nFI\t7 €"
    rows = ("Estonia (EE)", "40", "EUR"), ("", "", "SEK")
    form = send(console, NEW, typed(*rows, pasted=lines), do="paste")
    assert form.status == 200
    assert form.fields["country"] == ["Estonia (EE)", "Sweden (SE)", "Finland (FI)"]
    assert form.fields["amount"] == ["42,00", "5", "7 €"]
    assert form.fields["currency"] == ["usd", "EUR", "EUR"]
    assert form.fields["pasted"] == [""]
    assert "Added 2 rows. Changed 1 row." in form.page


def test_lines_that_cannot_be_read_are_named_and_stay(console: ConsoleClient) -> None:
    lines = "EE\t1\nfoo bar\nkorea\t2\nDE,42,00"
    form = send(console, NEW, typed(pasted=lines), do="paste")
    assert form.fields["country"] == ["Estonia (EE)", "korea"]
    assert form.fields["pasted"] == ["foo bar\nDE,42,00"]
    assert "Line 2, “foo bar”" in form.errors["pasted"]
    assert "Line 4, “DE,42,00”" in form.errors["pasted"]
    assert "North Korea" in form.errors["country-1"]


def test_lines_that_wait_are_not_lost_when_the_form_is_saved(
    api: ApiClient, console: ConsoleClient
) -> None:
    fields = typed(("EE", "1", "EUR"), pasted="FI\t2")
    form = send(console, NEW, fields)
    assert form.status == 200
    assert form.fields["country"] == ["EE", "Finland (FI)"]
    assert send(console, NEW, form.fields).status == 302
    assert card(api) == [("EE", "1.00", "EUR"), ("FI", "2.00", "EUR")]


def test_lines_that_find_no_room_stay(console: ConsoleClient) -> None:
    lines = [f"{code}\t1" for code in countries()]
    form = send(console, NEW, typed(("Worldwide", "1", "EUR"), pasted="\n".join(lines)), do="paste")
    assert len(form.fields["country"]) == 250
    form = send(console, NEW, {**form.fields, "pasted": "XY\t1\nZZ\t2"}, do="paste")
    assert form.fields["pasted"] == ["XY\t1\nZZ\t2"]
    assert "no room from line 1 on" in form.errors["pasted"]
    form = send(console, NEW, typed(pasted="EE\t1\n" * 501), do="paste")
    assert form.errors["pasted"].startswith("These are 501 lines")
    assert form.fields["pasted"][0].count("EE") == 501


def test_a_rate_card_of_the_whole_world_is_saved(api: ApiClient, console: ConsoleClient) -> None:
    rows = [(code, "1.50", "EUR") for code in (*countries(), "worldwide")]
    assert len(rows) == 250
    assert send(console, NEW, typed(*rows)).status == 302
    assert len(card(api)) == 250
    form = opened(console, edit_path(api.get("campaigns/").json["results"][0]))
    assert len(form.fields["country"]) == 250


def test_more_rows_than_there_are_countries_are_refused_in_words(console: ConsoleClient) -> None:
    form = send(console, NEW, typed(*[("EE", "1", "EUR")] * 300))
    assert form.status == 400
    assert form.errors["payouts"] == "A rate card has at most 250 rows; this one has 300."
    assert len(form.fields["country"]) == 300


def test_a_form_that_is_too_large_gets_a_page(console: ConsoleClient) -> None:
    many = console.send(NEW, typed(*[("EE", "1", "EUR")] * 400))
    assert many.status_code == 400
    assert "A form has at most 1,000 fields." in many.content.decode()
    large = console.send(NEW, typed(title="x" * 1024 * 1024))
    assert large.status_code == 413
    assert "<h1>That is too large</h1>" in large.content.decode()


@pytest.mark.parametrize("bad", ["", "x", "-1", "9" * 30, "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_version_that_is_none_saves_nothing(
    api: ApiClient, console: ConsoleClient, bad: str
) -> None:
    campaign = api.create()
    fields = typed(("EE", "1", "EUR"), version=bad, seen=bad)
    assert send(console, edit_path(campaign), fields).status == 409


def test_who_saved_meanwhile_and_what_is_said_and_mine_can_be_kept(
    api: ApiClient, console: ConsoleClient
) -> None:
    campaign = api.create(payouts=[payout("DE", "35"), payout("EE", "1"), payout("FI", "2")])
    path = edit_path(campaign)
    form = opened(console, path)
    api.patch(f"campaigns/{campaign['id']}/", {"title": "Credit", "is_running": True})
    rows = [payout("DE", "38.5"), payout("EE", "1"), payout("SE", "3")]
    api.patch(f"campaigns/{campaign['id']}/", {"payouts": rows})

    mine = form.fields | {"title": ["Mine"], "amount": ["1", "2", "40"]}
    answer = send(console, path, mine)
    assert answer.status == 409
    assert answer.fields["title"] == ["Mine"]
    assert answer.fields["amount"] == ["1", "2", "40"]
    assert answer.focus == "overtaken"
    note = " ".join(answer.page.partition('id="overtaken"')[2].partition("</div>")[0].split())
    assert "saved from another window" in note
    for words in (
        "Title <del>Loans</del> → <b>Credit</b>",
        "State <del>stopped</del> → <b>running</b>",
        "Germany payout <del>€35.00</del> → <b>€38.50</b>",
        "Finland payout removed: <del>€2.00</del>",
        "Sweden payout added: <b>€3.00</b>",
    ):
        assert words in note
    assert "Estonia" not in note

    # Save alone does not replace it; keeping mine does.
    assert send(console, path, answer.fields).status == 409
    assert send(console, path, answer.fields, do="keep:3").status == 302
    assert card(api, "Mine") == [
        ("DE", "40.00", "EUR"),
        ("EE", "1.00", "EUR"),
        ("FI", "2.00", "EUR"),
    ]


def test_mine_is_not_kept_over_what_was_not_shown(api: ApiClient, console: ConsoleClient) -> None:
    campaign = api.create()
    form = opened(console, edit_path(campaign))
    api.patch(f"campaigns/{campaign['id']}/", {"title": "Credit"})
    api.patch(f"campaigns/{campaign['id']}/", {"title": "Loans"})
    answer = send(console, edit_path(campaign), form.fields, do="keep:2")
    assert answer.status == 409
    assert "All of it was changed back." in answer.page


def test_what_was_typed_outlives_the_campaign(api: ApiClient, console: ConsoleClient) -> None:
    campaign = api.create()
    form = opened(console, edit_path(campaign))
    api.delete(f"campaigns/{campaign['id']}/")
    answer = send(console, edit_path(campaign), form.fields | {"title": ["Mine"]})
    assert answer.status == 404
    assert "This campaign is not there any more." in answer.page
    assert answer.fields["title"] == ["Mine"]


def test_what_is_not_theirs_is_not_there(
    api: ApiClient, other: ApiClient, console: ConsoleClient
) -> None:
    campaign = other.create("Theirs")
    path = edit_path(campaign)
    assert console.get(path).status_code == 404
    assert console.get(f"{path}newer/?version=1", headers=HTMX).content.count(b"Theirs") == 0
    fields = typed(("EE", "1", "EUR"), version="1", seen="0")
    theirs, nothing = (
        send(console, path, fields),
        send(console, "/campaigns/999999999/edit/", fields),
    )
    assert (theirs.status, theirs.fields) == (
        404,
        nothing.fields | {"csrfmiddlewaretoken": theirs.fields["csrfmiddlewaretoken"]},
    )
    assert other.get(f"campaigns/{campaign['id']}/").json["title"] == "Theirs"


def test_an_open_form_learns_of_a_newer_version(api: ApiClient, console: ConsoleClient) -> None:
    campaign = api.create()
    form = opened(console, edit_path(campaign))
    newer = f"{edit_path(campaign)}newer/?version=1&seen={form.fields['seen'][0]}"
    assert console.get(newer, headers=HTMX).status_code == 204
    api.patch(f"campaigns/{campaign['id']}/", {"title": "Credit"})
    note = console.get(newer, headers=HTMX).content.decode()
    assert "<del>Loans</del> → <b>Credit</b>" in note
    assert 'value="keep:2"' in note
    api.delete(f"campaigns/{campaign['id']}/")
    assert b"not there any more" in console.get(newer, headers=HTMX).content
    assert console.get(newer).headers["Location"] == edit_path(campaign)


def test_a_session_that_ends_in_the_middle_costs_nothing_typed(
    api: ApiClient, console: ConsoleClient
) -> None:
    campaign = api.create()
    rows = [(code, "1.50", "EUR") for code in list(countries())[:30]]
    form = opened(console, edit_path(campaign))
    api.delete("auth/sessions/")
    kept = {name: form.fields[name] for name in ("version", "seen")}
    asked = console.send(edit_path(campaign), typed(*rows, title="Mine", **kept))
    assert asked.status_code == 403
    page = asked.content.decode()
    assert page.count('name="country"') == 30
    fields = typed(*rows, title="Mine", **kept)
    again = {"resume-email": "ada@example.com", "resume-password": "wrong"}
    assert console.send(edit_path(campaign), fields | again).content.count(b'name="country"') == 30
    again["resume-password"] = "correct horse battery staple"
    assert console.send(edit_path(campaign), fields | again).status_code == 302
    assert len(card(api, "Mine")) == 30
