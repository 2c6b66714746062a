"""Keep the days of the current assessment and of the last action of commitments with them, so that
lists that depend on these days read no updates."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    updates = apps.get_model("commitments", "ProgressUpdate").objects.using(alias)

    def day_of(column):
        return Subquery(updates.filter(pk=OuterRef(column)).values("effective_on"))

    apps.get_model("commitments", "Commitment").objects.using(alias).update(
        status_effective_on=day_of("status_update"), last_action_on=day_of("last_action")
    )


class Migration(migrations.Migration):
    dependencies = [("commitments", "0006_erasure_index")]

    operations = [
        migrations.AddField(
            model_name="commitment",
            name="status_effective_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="commitment",
            name="last_action_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
