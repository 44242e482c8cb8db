"""The twin's serializers: made from the models, payouts nested in campaigns."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from rest_framework import serializers

from benchmarks.twin.models import Campaign, Payout
from campaigns.rules import RESTORABLE_FOR, amount_text


class PayoutSerializer(serializers.ModelSerializer[Payout]):
    """One payout."""

    country_name = serializers.SerializerMethodField()
    is_worldwide = serializers.SerializerMethodField()

    class Meta:
        """What is shown, in order."""

        model = Payout
        fields: ClassVar = [
            "id",
            "country",
            "country_name",
            "is_worldwide",
            "amount",
            "currency",
            "created_at",
            "updated_at",
        ]

    def get_country_name(self, payout: Payout) -> str:
        """Return the country's name."""
        return str(payout.country.name) if payout.country else "Worldwide"

    def get_is_worldwide(self, payout: Payout) -> bool:
        """Tell whether it is for no country."""
        return not payout.country

    def to_representation(self, instance: Payout) -> dict[str, Any]:
        """Return the payout as Ratecard does: worldwide is null, the amount has its digits."""
        answer: dict[str, Any] = super().to_representation(instance)
        answer["country"] = answer["country"] or None
        answer["amount"] = amount_text(instance.amount, instance.currency)
        return answer


class NewPayoutSerializer(PayoutSerializer):
    """One payout to store, which DRF also checks to be the only one of its country."""

    class Meta(PayoutSerializer.Meta):
        """What is taken."""

        fields: ClassVar = ["campaign", *PayoutSerializer.Meta.fields]


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """One campaign with its payouts."""

    payouts = PayoutSerializer(many=True)
    restorable_until = serializers.SerializerMethodField()

    class Meta:
        """What is shown, in order."""

        model = Campaign
        fields: ClassVar = [
            "id",
            "title",
            "landing_page_url",
            "is_running",
            "payouts",
            "created_at",
            "updated_at",
            "deleted_at",
            "restorable_until",
            "version",
        ]
        read_only_fields: ClassVar = ["deleted_at", "version"]

    def get_restorable_until(self, campaign: Campaign) -> Any:
        """Return until when it can be restored."""
        return campaign.deleted_at and campaign.deleted_at + RESTORABLE_FOR

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Campaign:
        """Store a campaign and its payouts."""
        validated_data.pop("payouts")
        campaign = Campaign.objects.create(**validated_data)
        self._store_payouts(campaign)
        return campaign

    @transaction.atomic
    def update(self, instance: Campaign, validated_data: dict[str, Any]) -> Campaign:
        """Store a campaign's values and replace its payouts."""
        payouts = validated_data.pop("payouts", None)
        instance.version += 1
        campaign = super().update(instance, validated_data)
        if payouts is not None:
            Payout.objects.filter(campaign=campaign).delete()
            self._store_payouts(campaign)
        return campaign

    def _store_payouts(self, campaign: Campaign) -> None:
        for payout in self.initial_data["payouts"]:
            serializer = NewPayoutSerializer(data={**payout, "campaign": campaign.pk})
            serializer.is_valid(raise_exception=True)
            serializer.save()
