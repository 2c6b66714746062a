"""Index all that commitments are selected, sorted and counted by: reading the rows, with their
texts, takes far longer. It serves the lists of a plan too, whose index it replaces."""

from django.db import migrations, models


def count_rows(apps, schema_editor):
    """Have the database count the entries of the index. Until then SQLite takes it for other
    queries too, some of which then take four times as long."""
    commitments = apps.get_model("commitments", "Commitment").objects
    if commitments.using(schema_editor.connection.alias).exists():
        schema_editor.execute("ANALYZE commitments_commitment")


class Migration(migrations.Migration):
    dependencies = [("commitments", "0007_current_days")]

    operations = [
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(
                fields=[
                    "plan",
                    "position",
                    "id",
                    "kind",
                    "status",
                    "status_update",
                    "status_effective_on",
                    "status_level",
                    "status_action_on",
                    "last_action_on",
                    "last_deed_on",
                    "due_on",
                    "ends_on",
                    "goal",
                    "area",
                ],
                name="commitment_current_state",
            ),
        ),
        migrations.RemoveIndex(model_name="commitment", name="commitment_in_plan_order"),
        migrations.RunPython(count_rows, migrations.RunPython.noop),
    ]
