"""What the use cases of accounts refuse."""

from __future__ import annotations

from core.exceptions import DomainError


class NotAuthenticated(DomainError):
    """The request says nothing about who sends it."""

    code = "not_authenticated"

    def __init__(self) -> None:
        """Say how to sign in."""
        super().__init__(
            "Nobody is signed in. Send an access token, which signing in answers, or an API key."
        )


class InvalidToken(DomainError):
    """The token is expired, ended, revoked, malformed or of another kind."""

    code = "invalid_token"

    def __init__(self, detail: str = "The token is not valid. Refresh it, or sign in.") -> None:
        """Say what to do; which of the reasons it is helps only who tries tokens."""
        super().__init__(detail)


class InvalidCredentials(DomainError):
    """No account that may sign in has this address and this password."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        """Say the same for an unknown address and for a wrong password."""
        super().__init__("The e-mail address or the password is wrong.")


class TooManyAttempts(DomainError):
    """Somebody guesses, or may be guessing: the password is not looked at."""

    code = "too_many_attempts"

    def __init__(self, *, seconds: int) -> None:
        """Say when to come back; the same whether there is such an account or not."""
        self.reason = "Too many attempts to sign in with this e-mail address have failed."
        super().__init__(f"{self.reason} Try again in {seconds:,} seconds, or reset the password.")
        self.retry_after = seconds


class InvalidResetToken(DomainError):
    """The token of a password reset is used, expired, malformed or another account's."""

    code = "invalid_reset_token"

    def __init__(self) -> None:
        """Say what to do; which of the reasons it is helps only who tries tokens."""
        super().__init__("This link does not work, or does not work any more. Ask for a new one.")


class TokenSpent(DomainError):
    """A refresh token was exchanged a moment ago, by a request in parallel."""

    code = "token_spent"

    def __init__(self) -> None:
        """Say where the successor is."""
        super().__init__("This refresh token was used a moment ago. Use the tokens of that answer.")


class TokenReused(DomainError):
    """A refresh token was exchanged long ago: somebody may have copied it."""

    code = "token_reused"

    def __init__(self) -> None:
        """Say what happened to the session."""
        super().__init__("This refresh token was used before; its session has ended. Sign in.")


class SignupClosed(DomainError):
    """The server creates no accounts by itself."""

    code = "signup_closed"

    def __init__(self) -> None:
        """Say whom to ask."""
        super().__init__("Sign-up is closed here. Ask the operator of this server.")


class EmailTaken(DomainError):
    """An account with this address exists."""

    code = "email_taken"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("There is an account with this e-mail address. Sign in.")


class ReadOnlyKey(DomainError):
    """The API key may only read."""

    code = "read_only_key"

    def __init__(self) -> None:
        """Say what would be needed."""
        super().__init__("This API key may only read; writing needs one of the scope 'write'.")


class SessionRequired(DomainError):
    """A program asks for what only a person who signed in may do."""

    code = "session_required"

    def __init__(self) -> None:
        """Say what would be needed."""
        super().__init__("This needs the access token of a person who signed in, not an API key.")
