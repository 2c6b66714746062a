"""The forms of the pages of webhook subscribers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base.days import staff_zone
from commitments.admin.base.typed import ModelForm
from commitments.choices import PUBLIC_ACTIONS
from commitments.form_fields import StrictDateField
from commitments.models import LedgerHead, Plan, WebhookSubscriber
from commitments.models.webhooks import MAX_WEBHOOK_ADDRESS_LENGTH
from commitments.roles import ANONYMOUS
from commitments.webhooks.subscribers import address_refusal, first_change_since

FROM_NOW, FROM_THE_FIRST = "now", "first"


class SubscriberForm(ModelForm):
    url = forms.URLField(
        label=gettext_lazy("Address of the receiver"),
        max_length=MAX_WEBHOOK_ADDRESS_LENGTH,
        assume_scheme="https",
        help_text=gettext_lazy("Such as https://example.org/hook; it must be public."),
    )
    actions = forms.MultipleChoiceField(
        label=gettext_lazy("Kinds of change"),
        required=False,
        choices=lambda: [(action.value, action.label) for action in PUBLIC_ACTIONS],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Select none for all. A complete copy needs all."),
    )

    class Meta:
        model = WebhookSubscriber
        fields = ("name", "url", "contact", "plan", "actions")
        help_texts = {
            "contact": gettext_lazy(
                "Whom to write to if the receiver fails; the tracker does not write there itself."
            ),
            "plan": gettext_lazy(
                "Without one, the changes of all plans. Those of forums, offices and publishers, "
                "which plans share, are always sent."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["plan"]
        field.queryset = _public_plans()
        field.empty_label = _("All plans")

    def clean_url(self) -> str:
        address: str = self.cleaned_data["url"]
        refusal = address_refusal(address)
        if refusal:
            raise forms.ValidationError(refusal)
        return address


class NewSubscriberForm(SubscriberForm):
    begin = forms.ChoiceField(
        label=gettext_lazy("Begin with"),
        choices=[
            (FROM_NOW, gettext_lazy("what changes from now on")),
            (FROM_THE_FIRST, gettext_lazy("the first change on record")),
        ],
    )

    def columns(self) -> dict[str, Any]:
        """Return the keyword arguments for `add_subscriber`."""
        begin = self.cleaned_data["begin"]
        chosen = {name: self.cleaned_data[name] for name in SubscriberForm.Meta.fields}
        return {**chosen, "from_the_beginning": begin == FROM_THE_FIRST}


class RotateForm(forms.Form):
    end_former = forms.BooleanField(
        label=gettext_lazy("The former secret was disclosed: stop signing with it"),
        required=False,
    )


class RemoveForm(forms.Form):
    sure = forms.BooleanField(label=gettext_lazy("Remove the subscriber with its secret and log"))


class ReplayForm(forms.Form):
    """Asks for a change or a day; `first` is the ledger entry to begin with."""

    seq = forms.IntegerField(label=gettext_lazy("From ledger entry"), min_value=1, required=False)
    day = StrictDateField(
        label=gettext_lazy("or from the day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    first = 0

    def clean_seq(self) -> int | None:
        seq: int | None = self.cleaned_data["seq"]
        last = LedgerHead.objects.get().seq
        if seq is not None and seq > last:
            raise forms.ValidationError(_("The latest ledger entry is %(seq)s.") % {"seq": last})
        return seq

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors:
            return values
        seq, day = values.get("seq"), values.get("day")
        if (seq is None) == (day is None):
            raise forms.ValidationError(_("Enter a ledger entry or a day."))
        found = seq if day is None else first_change_since(_begin_of(day))
        if found is None:
            raise forms.ValidationError(_("Nothing has changed since that day."))
        self.first = found
        return values


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(staff_zone()))


def _public_plans() -> QuerySet[Plan]:
    return Plan.objects.visible_to(ANONYMOUS).order_by("code")
