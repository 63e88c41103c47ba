"""A stand-in for the payment gateway and the mail service, for one machine only.

The real SDKs talk to it over HTTP; the shop never imports it, nor it the shop.
"""

from paysandbox.application import create_sandbox

__all__ = ["create_sandbox"]
