"""How gunicorn serves: ``python -m gunicorn -c deploy/gunicorn.py "webapp:create_app()"``."""

# ruff: noqa: INP001 - a configuration file that gunicorn executes, not a module

import gc
import os
from pathlib import Path
from typing import Any

from webapp.config import whole_number, yardpass_home

bind = f"{os.environ.get('BIND') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"

# Two processes use two cores; the threads of each wait for the database meanwhile. More would
# only queue up in front of the same rows.
worker_class = "gthread"
workers = whole_number(os.environ, "WEB_CONCURRENCY")
threads = whole_number(os.environ, "WEB_THREADS")

# Loading the application once makes the start faster and its memory shared.
preload_app = True

timeout = 30  # seconds without a sign of life, after which a worker is replaced
graceful_timeout = 10  # seconds that open requests get at a stop
keepalive = 5  # longer than the pauses of a browser that fetches a page's parts
backlog = 512

# The heartbeat is a file that is touched; on a slow disk that blocks a healthy worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - made privately

# The application logs each request itself, without query strings and addresses.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL") or "warning"

# No second way in: signals are enough to steer it.
control_socket_disable = True

# Each worker counts into files of its own in this folder, and whichever is asked for /metrics
# adds them up. What an earlier start left there would be counted again.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    metrics_folder = yardpass_home(os.environ) / "metrics"
    metrics_folder.mkdir(parents=True, exist_ok=True)
    for left_over in metrics_folder.glob("*.db"):
        left_over.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_folder)


def pre_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """The application stays as long as the process: no collection need look at it again."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Forget connections opened while the application was loaded.

    Two processes that talk through one connection read each other's answers. They are dropped,
    not closed: the parent still owns them.
    """
    from webapp.database import db  # noqa: PLC0415 - not before the application is loaded

    app = worker.app.wsgi()
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)
