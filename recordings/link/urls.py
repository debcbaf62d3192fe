"""What the other node may ask of this room, below /link/v1/."""

from django.urls import path

from recordings.link import views
from recordings.link.evidence import sign
from recordings.link.offers import offers
from recordings.link.silences import silences

urlpatterns = [
    path("evidence/sign", sign),
    path("offers", offers),
    path("silences", silences),
    path("calls/<uuid:call_id>/<str:name>", views.part),
]
