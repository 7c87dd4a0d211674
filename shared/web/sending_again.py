"""Forms that come too late: nothing is kept, and nothing that was typed is lost.

A form whose session has ended, or whose token is another visitor's, comes back as a page with one button that sends
the same again; who was signed out signs in beside it first. Somebody has to press it, so no other site can.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from shared.web.forms import TOKEN_FIELD
from shared.web.templating import pages_of


async def ask_to_send_again(request: Request, sign_in_url: str | None = None) -> Response:
    """The page that sends the same again; ``sign_in_url`` where somebody has to sign in first. Files are not kept."""
    sent = await request.form()
    kept = [(name, value) for name, value in sent.multi_items() if isinstance(value, str) and name != TOKEN_FIELD]
    return pages_of(request).page(
        request,
        "send_again.html",
        status=401 if sign_in_url else 403,
        kept=kept,
        sign_in_url=sign_in_url,
        had_files=any(not isinstance(value, str) and value.filename for _, value in sent.multi_items()),
    )
