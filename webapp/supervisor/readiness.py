"""Whether a part answers over HTTP."""

import requests

ANSWER_SECONDS = 2.0
SHOWN_CHARACTERS = 300


def find_obstacle(url: str, *, host: str | None) -> str | None:
    """Why the address does not answer 200 yet; None if it does."""
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment is not for our own machine
            headers = {"Host": host} if host else {}
            answer = session.get(url, headers=headers, timeout=ANSWER_SECONDS)
    except requests.RequestException as error:
        return type(error).__name__
    if answer.ok:
        return None
    return f"{answer.status_code} {answer.text.strip()[:SHOWN_CHARACTERS]}"
