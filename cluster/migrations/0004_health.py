"""Samples of how the cluster does."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0003_ticket")]

    operations = [
        migrations.CreateModel(
            name="HealthSample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                ("behind", models.BigIntegerField(null=True)),
                ("percent", models.FloatField(null=True)),
                ("active", models.CharField(blank=True, max_length=63)),
                ("ready", models.BooleanField()),
                ("load", models.FloatField()),
            ],
        ),
    ]
