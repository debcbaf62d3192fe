"""The pages of signing in and out, and of one's own account."""

from django.urls import path

from apresa.accounts import pages, views

urlpatterns = [
    path("sign-in/", views.SignInView.as_view(), name="sign-in"),
    path("sign-out/", views.SignOutView.as_view(), name="sign-out"),
    path("account/", pages.account, name="account"),
    path("account/preferences/", pages.preferences, name="account-preferences"),
    path("account/theme/", pages.theme, name="account-theme"),
    path("account/password/", pages.password, name="account-password"),
    path("account/tokens/", pages.create_token, name="account-tokens"),
    path("account/tokens/<int:token_id>/revoke/", pages.revoke_token, name="account-token-revoke"),
]
