"""What the use cases of campaigns refuse."""

from __future__ import annotations

from core.exceptions import DomainError, NotFound


class CampaignNotFound(NotFound):
    """The campaign is not there, or is somebody else's, or is deleted."""

    def __init__(self) -> None:
        """Say the same for each."""
        super().__init__("There is no such campaign.")


class PayoutNotFound(NotFound):
    """The campaign has no such payout."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("The campaign has no such payout.")


class TitleTaken(DomainError):
    """Another live campaign of the account has the title."""

    code = "title_taken"

    def __init__(self, title: str) -> None:
        """Say which title."""
        super().__init__(f"You have another campaign with the title “{title}”; choose another.")


class CountryTaken(DomainError):
    """The campaign has a payout for the country."""

    code = "country_taken"

    def __init__(self, country: str) -> None:
        """Say which country."""
        super().__init__(f"The campaign has a payout for this already ({country}); change that.")


class LastPayout(DomainError):
    """A campaign's last payout cannot be removed."""

    code = "last_payout"

    def __init__(self) -> None:
        """Say what would do."""
        super().__init__("This is the last payout. Add another first, or delete the campaign.")


class NotDeleted(DomainError):
    """The campaign is live: there is nothing to restore under another title."""

    code = "not_deleted"

    def __init__(self) -> None:
        """Say what would do."""
        super().__init__("The campaign is live: change its title instead.")


class ImportNotFound(NotFound):
    """There is no such import, or it is somebody else's, or it was purged."""

    def __init__(self) -> None:
        """Say the same for each."""
        super().__init__("There is no such import.")


class TooManyImports(DomainError):
    """The account has as many unfinished imports as it may."""

    code = "too_many_imports"

    def __init__(self, most: int) -> None:
        """Say how many it may have."""
        super().__init__(f"You have {most} imports that have not ended; wait for one of them.")


class ImportNotApplicable(DomainError):
    """The import is no dry run that could be applied."""

    code = "import_not_applicable"

    def __init__(self) -> None:
        """Say what would do."""
        super().__init__("This import cannot be applied (any more). Send the file again.")
