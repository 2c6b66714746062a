"""Add frozen copies of the tidy tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commitments", "0004_forum_same_as")]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quarter", models.CharField(max_length=7, verbose_name="quarter")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("sha256", models.CharField(max_length=64, verbose_name="digest")),
                ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                ("content", models.BinaryField(null=True, verbose_name="content")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="snapshots",
                        to="commitments.plan",
                        verbose_name="plan",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to="commitments.decision",
                        verbose_name="withdrawn by",
                    ),
                ),
            ],
            options={
                "verbose_name": "snapshot",
                "verbose_name_plural": "snapshots",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "quarter"), name="snapshot_once_per_quarter"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("content__isnull", False), ("withdrawn_by__isnull", True)),
                            models.Q(("content__isnull", True), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="snapshot_has_content_unless_withdrawn",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("made_at__gt", models.F("known_at"))),
                        name="snapshot_after_its_quarter",
                    ),
                ],
            },
        ),
    ]
