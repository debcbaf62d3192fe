"""This node's part of a witness that is added or removed from the other one."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from apresa.audit import domain as audit
from apresa.nodelink.answers import Refusal, answers, body
from cluster.helper import runner_here
from cluster.link.orders import LONGEST, known
from cluster.runner import CommandUnavailable


@answers("POST")
def order(request: HttpRequest) -> dict[str, Any]:
    command = known(body(request))
    if command is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "unknown-order", "This node knows no such order.")
    try:
        result = runner_here().run(command)
    except CommandUnavailable as error:
        audit.record("other node", "cluster-order-refused", command.name, reason=str(error))
        raise Refusal(HTTPStatus.CONFLICT, "not-done", str(error)) from None
    audit.record("other node", "cluster-order", " ".join(command.argv[1:]), code=result.code)
    return {"code": result.code, "said": result.said.strip()[:LONGEST]}
