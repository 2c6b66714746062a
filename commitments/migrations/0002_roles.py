"""Create the groups of the roles. `access.policies` defines what a role may do, so the groups have
no permissions."""

from django.db import migrations

GROUPS = ("Reporter", "Reviewer", "Curator")


def create_groups(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in GROUPS:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(create_groups, migrations.RunPython.noop)]
