"""How many stories are told of a machine and how long they are; the usual ones never change."""

import os

from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("YARDPASS_PROPERTIES", "usual")


def story_settings(*, usual: tuple[int, int], nightly: tuple[int, int]) -> settings:
    """Both as (stories, steps of each at most)."""
    stories, steps = {"usual": usual, "nightly": nightly}[PROFILE]
    return settings(
        max_examples=stories,
        stateful_step_count=steps,
        derandomize=PROFILE == "usual",
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
