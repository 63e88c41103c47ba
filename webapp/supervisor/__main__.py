"""``python -m webapp.supervisor``: runs everything until it is asked to stop."""

import os
import sys

import stripe

from webapp.embedded import EmbeddedServerError
from webapp.supervisor.command import Plan
from webapp.supervisor.errors import CannotStart
from webapp.supervisor.output import Output
from webapp.supervisor.planning import make_plan
from webapp.supervisor.stop import StopSignal
from webapp.supervisor.supervisor import Supervisor


def main() -> int:
    """The exit status: 2, with the reason on standard error, if nothing was started."""
    try:
        plan = make_plan(os.environ)
    except CannotStart as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command prints
        return 2
    return run_plan(plan)


def run_plan(plan: Plan) -> int:
    """Run a plan and return the exit status; what goes wrong is said, not thrown."""
    stop = StopSignal()
    stop.install()
    try:
        Supervisor(plan, output=Output(), stop=stop).run()
    except (CannotStart, EmbeddedServerError, stripe.StripeError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command prints
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
