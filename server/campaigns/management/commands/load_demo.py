"""Fill a database with a business to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import composition as accounts
from accounts.exceptions import EmailTaken
from campaigns.demo import load as demo

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Load the demo data and say how to sign in."""

    help = "Create a demo account with a few hundred campaigns, and a staff account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--if-empty``."""
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="load nothing where anybody has an account, and only say how to sign in",
        )

    def handle(self, *_args: Any, if_empty: bool, **_options: Any) -> None:
        """Load the data, unless it is there.

        :raises CommandError: the settings forbid it, or it was loaded before.
        """
        if not settings.DEMO_DATA:
            raise CommandError(
                "The demo's passwords are public: its data is for development settings only."
            )
        if not if_empty or accounts.accounts().is_empty():
            self._load()
        else:
            self.stdout.write("Nothing to load: this database has accounts")
        self._say_how_to_sign_in()

    def _load(self) -> None:
        self.stdout.write("Loading the demo data... ", ending="")
        self.stdout.flush()
        try:
            loaded = demo.load(now=timezone.now())
        except EmailTaken as error:
            self.stdout.write("")
            raise CommandError("This database has the demo data already.") from error
        self.stdout.write(
            f"{loaded.campaigns} campaigns ({loaded.deleted} of them in the bin), "
            f"{loaded.changes} changes to them"
        )

    def _say_how_to_sign_in(self) -> None:
        if accounts.accounts().find_by_email(demo.EMAIL) is None:
            self.stdout.write("This database has accounts of its own, and no demo data.")
            return
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.stdout.write(
            f"Address:  http://{host}:{settings.PORT}/ (admin: /admin/)\n"
            f"Demo:     {demo.EMAIL}, password {demo.PASSWORD}\n"
            f"Staff:    {demo.STAFF_EMAIL}, password {demo.PASSWORD}"
        )
