"""What the gateway's page says in our words, and where it sends the buyer back to."""

from datetime import datetime

from flask_babel import gettext

from blueprints.filters import clock_time
from webapp.flows.payment_start import ReturnLinks


def return_links(*, success_url: str, cancel_url: str) -> ReturnLinks:
    """The wording of the gateway's page in the buyer's language, and the ways back from it."""

    def held_until(moment: datetime, time_zone: str) -> str:
        time = clock_time(moment, time_zone)
        return str(gettext("Your tickets are held until %(time)s.", time=time))

    return ReturnLinks(
        success_url=success_url,
        cancel_url=cancel_url,
        fees_label=gettext("Fees"),
        held_until=held_until,
    )
