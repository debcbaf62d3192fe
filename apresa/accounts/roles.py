"""The four roles that a new installation knows. A group's rights may be changed afterwards."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

ROLES = ("administrator", "supervisor", "compliance", "listener")
# Codenames of the recordings app; one that a release does not have yet is left out.
_LISTENER = ("view_call", "listen_call", "silence_call")  # of the numbers that are theirs
_SUPERVISOR = (*_LISTENER, "view_all_calls", "download_call", "view_signalling", "note_call", "verify_call")
_RIGHTS: dict[str, tuple[str, ...]] = {
    "supervisor": _SUPERVISOR,
    "compliance": (*_SUPERVISOR, "hold_call", "release_hold", "export_evidence"),
    "listener": _LISTENER,
}


def group(role: str) -> Group:
    """The group of a role that is not the administrator's; made with its rights at first use."""
    found, new = Group.objects.get_or_create(name=role)
    if new:
        wanted = Q(content_type__app_label="recordings", codename__in=_RIGHTS[role])
        found.permissions.set(Permission.objects.filter(wanted))
    return found
