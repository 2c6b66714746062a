from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commitments', '0009_criteria_of_preparation'),
    ]

    operations = [
        migrations.CreateModel(
            name='FileMark',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('mark', models.CharField(blank=True, max_length=32)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='files_have_one_mark')],
            },
        ),
    ]
