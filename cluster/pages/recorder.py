"""Tools > System: the recording component of this machine, started anew by an administrator."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apresa.accounts.backends import client_address
from apresa.jobs.models import Job
from cluster.catalogue.recorder import STEPS
from cluster.domain import recorder as restarts
from cluster.failure import tell
from cluster.pages.access import administrator
from cluster.queries.recorder import last, under_way


@require_http_methods(["GET", "HEAD", "POST"])
def recorder(request: HttpRequest) -> HttpResponse:
    user = administrator(request)
    if request.method == "POST":
        restarts.ask(by=user.username, address=client_address(request))
        messages.success(request, _("It has begun. Its progress is shown here."))
        return redirect("recorder")
    return render(request, "cluster/recorder.html", {**_progress(last()), "busy": under_way() is not None})


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The part that the page asks for while a restart goes on."""
    administrator(request)
    response = render(request, "cluster/parts/recorder.html", _progress(last()))
    if under_way() is None:
        response["HX-Refresh"] = "true"  # with its button again
    return response


def _progress(job: Job | None) -> dict[str, object]:
    if job is None:
        return {"job": None}
    kept = job.result.get("failure") if isinstance(job.result, dict) else None
    doing = STEPS.get(job.progress_text, "")
    return {"job": job, "doing": _(doing) if doing else "", "error": tell(job.kind, job.error, kept, _)}
