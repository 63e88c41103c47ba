"""Back from the payment page in a browser that did not begin the checkout.

A bank's app sends its customer to the phone's main browser, whatever browser the
checkout was begun in. That one may see nothing of it, but its reader may just have
paid: "page not found" would make them buy a second time.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from blueprints.htmx import leave_for, wants_fragment

WAYS_BACK = frozenset({"checkout.show_return", "checkout.show_cancelled"})


def show_elsewhere() -> ResponseReturnValue:
    """Where paid tickets go and how to go on: one answer, whether there is such a checkout or not.

    It answers 200, because nothing is wrong for the reader, and it names no event: there
    is nothing on it to buy again.
    """
    if wants_fragment():
        return leave_for(request.path)
    return render_template("checkout/elsewhere.html")
