"""The node's identity in the admin, to look at."""

from django.contrib import admin

from apresa.admin_base import ReadOnlyAdmin
from apresa.node.models import NodeIdentity


@admin.register(NodeIdentity)
class NodeIdentityAdmin(ReadOnlyAdmin):
    database = "node"
    list_display = ("name", "role", "initial_role", "address", "mask", "uuid", "primary_address")
