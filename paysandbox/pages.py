"""Renders the sandbox's own pages: no scripts, nothing inline, a strict policy."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.wrappers import Response

from paysandbox.money import format_amount

_ROOT = Path(__file__).parent
_environment = Environment(
    loader=FileSystemLoader(_ROOT / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["money"] = format_amount


def render(
    template: str, *, status: int = 200, form_targets: tuple[str | None, ...] = (), **values: Any
) -> Response:
    """``form_targets`` are URLs that a form's answer may redirect to.

    A browser applies ``form-action`` to the redirect after a form, too.
    """
    origins = sorted({_origin(target) for target in form_targets if target})
    allowed = " ".join(["'self'", *origins])
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
        f"base-uri 'none'; frame-ancestors 'none'; form-action {allowed}"
    )
    return Response(
        _environment.get_template(template).render(values),
        status=status,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def see_other(url: str) -> Response:
    return Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})


def stylesheet() -> Response:
    style = (_ROOT / "static" / "sandbox.css").read_text(encoding="utf-8")
    return Response(
        style, content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=60"}
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
