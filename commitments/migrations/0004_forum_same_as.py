"""Add the addresses that identify a forum elsewhere."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commitments", "0003_ledger")]

    operations = [
        migrations.AddField(
            model_name="forum",
            name="same_as",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Addresses that identify it elsewhere, such as in Wikidata; one a line.",
                verbose_name="same as",
            ),
        ),
    ]
