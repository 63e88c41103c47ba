"""Pages and fragments: what htmx asks for, and how it is sent elsewhere."""

from flask import Flask, Response, make_response, redirect, request
from flask.typing import ResponseReturnValue


def wants_fragment() -> bool:
    """True only for a swap; a boosted link or a history restore wants the page."""
    headers = request.headers
    return "HX-Request" in headers and not (
        "HX-Boosted" in headers or "HX-History-Restore-Request" in headers
    )


def leave_for(url: str) -> ResponseReturnValue:
    """Send the browser to another page, not a fragment of it into this one."""
    if not wants_fragment():
        return redirect(url, code=303)
    response = make_response("", 200)
    response.headers["HX-Redirect"] = url
    return response


def init_app(app: Flask) -> None:
    """Tell caches that one URL may answer with a page or a fragment."""

    @app.after_request
    def vary_on_htmx(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.add("HX-Request")
        return response
