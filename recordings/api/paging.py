"""Keyset pages in the API."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from recordings.queries.paging import CursorError, keyset_page

SIZE, LARGEST = 50, 250


class KeysetPagination(BasePagination):
    """{"next", "previous", "results"}; next and previous are addresses or null."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:  # noqa: ARG002 -- REST framework's signature
        asked = request.query_params
        try:
            self.page = keyset_page(
                queryset,
                sort=asked.get("sort", "-started"),
                cursor=asked.get("cursor", ""),
                size=_size(asked.get("limit")),
            )
        except CursorError as error:
            raise ValidationError({"cursor": [str(error)]}) from error
        self.address = request.build_absolute_uri()
        return self.page.items

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._link(self.page.next), "previous": self._link(self.page.previous), "results": data}
        )

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.address, "cursor", cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


def _size(text: str | None) -> int:
    if text is None:
        return SIZE
    if not text.isdecimal() or not 1 <= int(text[:6]) <= LARGEST:
        raise ValidationError({"limit": [f"Give a whole number from 1 to {LARGEST}."]})
    return int(text)
