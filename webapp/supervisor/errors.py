"""Why the supervisor does not run."""


class CannotStart(Exception):
    """The text tells the operator what is wrong and what to do about it."""
