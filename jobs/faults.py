"""What may be said of an error: its class and its place, never its text."""


def describe_fault(fault: BaseException) -> str:
    """The class of an error and the line of ours that raised it."""
    place, trail = "", fault.__traceback__
    while trail is not None:
        place = f"{trail.tb_frame.f_globals.get('__name__')}:{trail.tb_lineno}"
        trail = trail.tb_next
    return f"{type(fault).__name__} at {place}"
