"""The content policy on every answer: spelled once, then only given its nonce."""

from functools import cache

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

MARK = "\ue000"
# What a page has that wishes for a policy of its own.
SPECIAL = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")


class ContentPolicyMiddleware(CSPMiddleware):
    """Sets the header that the settings ask for."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the answer with its policy."""
        own = response.__dict__
        if settings.DEBUG or HEADER in response.headers or any(name in own for name in SPECIAL):
            done: HttpResponseBase = super().process_response(request, response)
            return done
        nonce = getattr(request, "_csp_nonce", None)
        response.headers[HEADER] = _usual(nonce is not None).replace(MARK, nonce or "")
        if nonce is None:
            # Asked for from now on, it could not be in the header any more.
            request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response


@cache
def _usual(has_nonce: bool) -> str:
    text: str = build_policy(nonce=MARK if has_nonce else None)
    return text
