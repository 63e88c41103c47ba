"""The queues of background work: one worker process each.

Here, because the supervisor starts their workers and must not know the domain,
which says what goes into them.
"""

ORDERS = "orders"
MAIL = "mail"
# One process for several would let the queue listed first starve the others.
QUEUES = (ORDERS, MAIL)
