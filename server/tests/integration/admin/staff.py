"""Staff at work in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import Account


class Staff:
    """A browser in which a member of staff is signed in."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.client = Client()
        self.client.force_login(account)

    def get(self, url: str, query: dict[str, str] | None = None) -> Any:
        return self.client.get(url, query or {})

    def page(self, url: str, query: dict[str, str] | None = None) -> str:
        response = self.get(url, query)
        assert response.status_code == 200, response
        return str(response.content.decode())

    def rows(self, model: type[Model], **query: str) -> list[Any]:
        response = self.get(list_of(model), query)
        assert response.status_code == 200, response
        return list(response.context["cl"].result_list)

    def act(self, model: type[Model], action: str, *rows: Model) -> list[str]:
        """Do an action to some rows and return what the staff are told."""
        body = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
        response = self.client.post(list_of(model), body, follow=True)
        assert response.status_code == 200, response
        return [str(message) for message in response.context["messages"]]


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


def page_of(row: Model, kind: str = "change") -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{kind}", args=[row.pk])
