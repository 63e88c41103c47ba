"""The bearer token of a call; both sides of the sandbox take nothing else."""

from werkzeug.wrappers import Request


def bearer_token(request: Request) -> str:
    """The token, empty if there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
