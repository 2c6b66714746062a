import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0003_ledger"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.PositiveBigIntegerField(verbose_name="number of entries")),
                ("root", models.CharField(max_length=64, verbose_name="root hash")),
                ("key", models.CharField(max_length=300, verbose_name="key")),
                ("note", models.TextField(verbose_name="signed note")),
                ("at", models.DateTimeField(verbose_name="signed at")),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("size", "key"), name="checkpoint_once_a_size_and_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1)), name="checkpoint_size_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("number", models.PositiveBigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("level", "number"), name="ledgernode_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("level__gte", 1)), name="ledgernode_level_from_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=300, verbose_name="key")),
                ("line", models.CharField(max_length=500, verbose_name="signature")),
                ("at", models.DateTimeField(verbose_name="received at")),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="commitments.checkpoint",
                        verbose_name="checkpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "cosignature",
                "verbose_name_plural": "cosignatures",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "key"), name="cosignature_once_a_key"
                    )
                ],
            },
        ),
    ]
