from django.db import migrations, models, router

RIGHT = "silence_call", "Can silence calls that are going on"
ROLES = "listener", "supervisor", "compliance"


def give_the_roles_their_right(apps, schema_editor):
    """A new installation gives roles their rights when it makes them; here it has them already."""
    alias = schema_editor.connection.alias
    Group = apps.get_model("auth", "Group")
    if not router.allow_migrate_model(alias, Group):
        return
    groups = list(Group.objects.using(alias).filter(name__in=ROLES))
    if not groups:
        return
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.using(alias).get_or_create(
        app_label="recordings", model="call"
    )
    # Django makes the permissions of a release after its migrations, and leaves those that are there.
    right, _ = apps.get_model("auth", "Permission").objects.using(alias).get_or_create(
        content_type=kind, codename=RIGHT[0], defaults={"name": RIGHT[1]}
    )
    for group in groups:
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("recordings", "0004_notes_tags_holds"),
    ]

    operations = [
        migrations.AddField(
            model_name="version",
            name="silences",
            field=models.JSONField(blank=True, null=True, verbose_name="silenced spans"),
        ),
        migrations.AlterModelOptions(
            name="call",
            options={
                "default_permissions": ("view", "delete"),
                "ordering": ("-started", "-id"),
                "permissions": [
                    ("view_all_calls", "Can see the calls of all numbers"),
                    ("listen_call", "Can listen to calls"),
                    ("download_call", "Can download calls"),
                    ("view_signalling", "Can see the signalling of calls"),
                    ("note_call", "Can write notes on calls and tag them"),
                    ("silence_call", "Can silence calls that are going on"),
                    ("hold_call", "Can put calls on hold"),
                    ("release_hold", "Can release holds"),
                ],
                "verbose_name": "call",
                "verbose_name_plural": "calls",
            },
        ),
        migrations.RunPython(give_the_roles_their_right, migrations.RunPython.noop),
    ]
