"""The twin's tables, with the indexes that its lists need."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django_countries.fields import CountryField


class Campaign(models.Model):
    """A campaign."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="twin_campaigns"
    )
    title = models.CharField(max_length=200)
    landing_page_url = models.URLField(max_length=2048)
    is_running = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=1)

    objects: ClassVar[models.Manager[Campaign]] = models.Manager()

    class Meta:
        """Table options."""

        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at"], name="twin_by_creation"),
            models.Index(fields=["account", "-updated_at"], name="twin_by_change"),
            models.Index(fields=["account", "title"], name="twin_by_title"),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.title


class Payout(models.Model):
    """What one conversion pays in a country, or worldwide."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="payouts")
    country = CountryField(null=True, blank=True)
    amount = models.DecimalField(max_digits=15, decimal_places=4)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Payout]] = models.Manager()

    class Meta:
        """Table options."""

        ordering: ClassVar = [models.F("country").asc(nulls_first=True)]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "country"], name="twin_country_unique")
        ]

    def __str__(self) -> str:
        """Show where it is paid."""
        return str(self.country)
