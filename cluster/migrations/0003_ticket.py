import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cluster", "0002_link")]

    operations = [
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case", models.CharField(max_length=30)),
                ("survivor", models.CharField(max_length=63)),
                ("loser", models.CharField(max_length=63)),
                ("by", models.CharField(blank=True, max_length=150)),
                ("step", models.CharField(blank=True, max_length=30)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("destroyed", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("-opened_at",),
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=models.Q(("closed_at", None)), name="one_open_ticket"
                    )
                ],
            },
        ),
    ]
