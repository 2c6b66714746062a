"""Index the erasures, which the page of the ledger lists and counts: on a large record, all
decisions were read for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commitments", "0005_trigrams")]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("action", "erase")), fields=["seq"], name="decision_erasure"
            ),
        ),
    ]
