"""What the pages of accounts ask for, field by field; the rules are the domain's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import rules
from accounts.console.choices import ShortSelect, currency_choices, time_zones_and
from accounts.models import ApiKey
from core.exceptions import InvalidInput, RuleViolation
from core.reference import clean_currency

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.exceptions import DomainError

_STRENGTH = _("At least 8 characters; not a common password, not like your e-mail address.")


class ConsoleForm(forms.Form):
    """A form in the look of the console, whose fields are shown by ``field.html``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Give the fields their look, and ids that no other form of the page has."""
        options.setdefault("auto_id", f"{type(self).__name__.removesuffix('Form').lower()}-%s")
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "in")

    def refuse(self, error: DomainError, *, field: str | None = None) -> None:
        """Show what the domain refused beside the fields that it names, or beside this one."""
        if not isinstance(error, InvalidInput):
            self.add_error(field, error.detail)
            return
        for violation in error.violations:
            name = str(violation.path[0])
            self.add_error(name if name in self.fields else None, violation.detail)

    def point(self) -> ConsoleForm:
        """Let the browser go to the first field that is wrong, to the first where none is."""
        wrong = (name for name in self.fields if name in self.errors)
        first = next(wrong, next(iter(self.fields)))
        self.fields[first].widget.attrs["autofocus"] = True
        return self


class RuleField(forms.CharField):
    """A text that one of the domain's rules cleans."""

    def __init__(self, rule: Callable[[str], str], **options: Any) -> None:
        """Leave the text as it was typed: the rule trims it where the domain says so."""
        super().__init__(strip=False, **options)
        self._rule = rule

    def clean(self, value: Any) -> str:
        """Return the clean text.

        :raises ValidationError: the rule refuses it.
        """
        text = super().clean(value)
        try:
            return self._rule(text)
        except RuleViolation as violation:
            raise forms.ValidationError(violation.detail, code=violation.code) from violation


class PasswordField(forms.CharField):
    """A password: never shown again, and never cut, as ``maxlength`` would cut a pasted one."""

    def __init__(self, *, autocomplete: str, **options: Any) -> None:
        """Tell password managers whether it is a new one."""
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=rules.LONGEST_PASSWORD, widget=widget, **options)
        del self.widget.attrs["maxlength"]


def new_password(**options: Any) -> PasswordField:
    """Return the field of a password that is chosen."""
    return PasswordField(autocomplete="new-password", help_text=_STRENGTH, **options)


def _email(autocomplete: str) -> forms.EmailInput:
    # No autocapitalize, no correction: browsers have neither for this type.
    return forms.EmailInput(attrs={"autocomplete": autocomplete})


class SignInForm(ConsoleForm):
    """Who it is; what could be no address is refused as a wrong one is."""

    email = forms.CharField(
        label=_("E-mail"), max_length=rules.LONGEST_EMAIL, widget=_email("username")
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password")


class SignUpForm(ConsoleForm):
    """A new account."""

    email = RuleField(
        rules.clean_email,
        label=_("E-mail"),
        max_length=rules.LONGEST_EMAIL,
        widget=_email("username"),
    )
    password = new_password(label=_("Password"))
    display_name = RuleField(
        rules.clean_display_name,
        label=_("Name"),
        required=False,
        max_length=rules.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-time-zone": True})
    )
    """The browser's own, where a script can ask it."""

    def clean_time_zone(self) -> str:
        """Return the time zone; UTC where the browser names none that we know."""
        try:
            return rules.clean_time_zone(self.cleaned_data["time_zone"])
        except RuleViolation:
            return rules.DEFAULT_TIME_ZONE


class ForgottenForm(ConsoleForm):
    """The address of an account whose password is forgotten."""

    email = forms.CharField(
        label=_("E-mail"), max_length=rules.LONGEST_EMAIL, widget=_email("username")
    )


class ResetForm(ConsoleForm):
    """The password that follows a forgotten one."""

    password = new_password(label=_("New password"))


class DetailsForm(ConsoleForm):
    """What an account may change of itself."""

    display_name = RuleField(
        rules.clean_display_name,
        label=_("Name"),
        required=False,
        max_length=rules.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = RuleField(
        rules.clean_time_zone,
        label=_("Time zone"),
        help_text=_("Times are shown in it."),
        widget=ShortSelect,
    )
    default_currency = RuleField(
        clean_currency,
        label=_("Default currency"),
        help_text=_("New payouts begin with it."),
        widget=ShortSelect,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer what can be chosen."""
        super().__init__(*args, **options)
        current = str(self.initial.get("time_zone", rules.DEFAULT_TIME_ZONE))
        zone, currency = self.fields["time_zone"].widget, self.fields["default_currency"].widget
        zone.choices, currency.choices = time_zones_and(current), currency_choices()


class PasswordForm(ConsoleForm):
    """The password, and the one that follows it."""

    current_password = PasswordField(label=_("Current password"), autocomplete="current-password")
    new_password = new_password(label=_("New password"))


class KeyForm(ConsoleForm):
    """A new API key."""

    name = RuleField(
        rules.clean_key_name,
        label=_("Name"),
        max_length=rules.LONGEST_NAME,
        help_text=_("The program that uses it, such as “Nightly report”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("It may"),
        choices=[(ApiKey.Scope.READ, _("read")), (ApiKey.Scope.WRITE, _("read and write"))],
    )
