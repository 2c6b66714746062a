"""Date the criteria of plans that were in preparation by their load, with which their public record
begins: those that were replaced before were shown to readers."""

from django.db import migrations


def begin_with_the_load(apps, schema_editor):
    alias = schema_editor.connection.alias
    decisions = apps.get_model("commitments", "Decision").objects.using(alias)
    criteria = apps.get_model("commitments", "Criterion").objects.using(alias)
    for load in decisions.filter(action="load", plan__isnull=False):
        if decisions.filter(plan=load.plan_id, action="prepare", seq__lt=load.seq).exists():
            rows = criteria.filter(commitment__plan=load.plan_id, added_at__lt=load.at)
            rows.update(added_at=load.at)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0008_current_state_index")]

    operations = [migrations.RunPython(begin_with_the_load, migrations.RunPython.noop)]
