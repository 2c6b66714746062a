"""Index all that commitments are selected, sorted and counted by: with large texts, reading the rows
takes ten times as long. It serves the lists of a plan too, whose index it replaces."""

from django.db import migrations, models


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
    ]
