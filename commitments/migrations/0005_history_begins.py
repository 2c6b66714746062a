"""What is there already gets a first row of history, so that its next change has a before."""

from django.db import migrations
from django.utils import timezone

# Model, and its many-to-many relations that have a history too.
KEPT = {
    "Plan": [],
    "Forum": [],
    "Office": ["members"],
    "Commitment": ["supporting_goals", "supporting_offices"],
    "Partnership": [],
    "Milestone": [],
}


def begin(apps, schema_editor):
    now = timezone.now()
    for name, relations in KEPT.items():
        model = apps.get_model("commitments", name)
        historical = apps.get_model("commitments", f"Historical{name}")
        kept = {field.attname for field in historical._meta.concrete_fields}
        columns = [field.attname for field in model._meta.concrete_fields if field.attname in kept]
        for row in model.objects.order_by("pk").values(*columns).iterator():
            first = historical.objects.create(history_type="+", history_date=now, **row)
            for relation in relations:
                links = model._meta.get_field(relation).remote_field.through
                linked = apps.get_model("commitments", f"Historical{name}_{relation}")
                owner = {f"{name.lower()}_id": row["id"]}
                linked.objects.bulk_create(
                    linked(history=first, **link) for link in links.objects.filter(**owner).values()
                )


class Migration(migrations.Migration):
    dependencies = [("commitments", "0004_history")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
