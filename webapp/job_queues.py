"""The queues of background work, one worker process each, and what may stand in them.

Here, because the supervisor starts their workers and must not know the domain,
which says what goes into them. Whoever rings and whoever listens know this
module, and not each other.
"""

ORDERS = "orders"
MAIL = "mail"
# One process for several would let the queue listed first starve the others.
QUEUES = (ORDERS, MAIL)
# The only call that a queue may name. Whoever can write to Redis could otherwise
# make the worker call anything.
PERFORM = "jobs.runtime.perform"
