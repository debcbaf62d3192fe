"""The pages of calls and of the machine that records them."""

from django.urls import path

from recordings.pages import holds, notes
from recordings.pages.active import active_calls, table
from recordings.pages.call import call, delete
from recordings.pages.calls import calls
from recordings.pages.mirror import mirror
from recordings.pages.silencing import resume, silence
from recordings.pages.system import health, system
from recordings.pages.verifying import verify_call
from recordings.pages.why import why

urlpatterns = [
    path("calls/", calls, name="calls"),
    path("calls/<uuid:call_id>/", call, name="call"),
    path("calls/<uuid:call_id>/delete/", delete, name="call-delete"),
    path("calls/<uuid:call_id>/notes/", notes.add_note, name="note-add"),
    path("calls/<uuid:call_id>/notes/<uuid:note_id>/", notes.change_note, name="note-change"),
    path("calls/<uuid:call_id>/notes/<uuid:note_id>/remove/", notes.remove_note, name="note-remove"),
    path("calls/<uuid:call_id>/tags/", notes.add_tag, name="tag-add"),
    path("calls/<uuid:call_id>/tags/remove/", notes.remove_tag, name="tag-remove"),
    path("calls/<uuid:call_id>/hold/", holds.hold_call, name="call-hold"),
    path("calls/<uuid:call_id>/hold/<uuid:hold_id>/release/", holds.release_call, name="call-release"),
    path("calls/<uuid:call_id>/keep/", holds.keep, name="call-keep"),
    path("calls/<uuid:call_id>/verify/", verify_call, name="call-verify"),
    path("tags/", notes.tags, name="tags"),
    path("holds/", holds.holds, name="holds"),
    path("holds/<uuid:hold_id>/", holds.change, name="hold-change"),
    path("holds/<uuid:hold_id>/release/", holds.release, name="hold-release"),
    path("active-calls/", active_calls, name="active-calls"),
    path("active-calls/table/", table, name="active-calls-table"),
    path("active-calls/<uuid:call_id>/silence/", silence, name="silence-call"),
    path("active-calls/<uuid:call_id>/resume/", resume, name="resume-call"),
    path("why/", why, name="why"),
    path("system/", system, name="system"),
    path("system/mirror/", mirror, name="mirror"),
    path("system/health/", health, name="health"),
]
