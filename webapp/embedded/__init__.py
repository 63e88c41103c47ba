"""The servers that Yardpass brings along: PostgreSQL and Redis, for one machine without either.

They listen on Unix sockets in a private folder, never on a port, and live as long as the process
that started them. Production brings its own servers and never starts these.
"""

from webapp.embedded.postgres import EmbeddedPostgres
from webapp.embedded.redis import EmbeddedRedis
from webapp.embedded.server import AlreadyRunning, EmbeddedServerError

__all__ = ["AlreadyRunning", "EmbeddedPostgres", "EmbeddedRedis", "EmbeddedServerError"]
