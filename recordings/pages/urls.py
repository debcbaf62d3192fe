"""The pages of calls and of the machine that records them."""

from django.urls import path

from recordings.pages.active import active_calls, table
from recordings.pages.call import call, delete
from recordings.pages.calls import calls
from recordings.pages.mirror import mirror
from recordings.pages.system import health, system
from recordings.pages.why import why

urlpatterns = [
    path("calls/", calls, name="calls"),
    path("calls/<uuid:call_id>/", call, name="call"),
    path("calls/<uuid:call_id>/delete/", delete, name="call-delete"),
    path("active-calls/", active_calls, name="active-calls"),
    path("active-calls/table/", table, name="active-calls-table"),
    path("why/", why, name="why"),
    path("system/", system, name="system"),
    path("system/mirror/", mirror, name="mirror"),
    path("system/health/", health, name="health"),
]
