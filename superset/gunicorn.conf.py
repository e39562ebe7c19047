"""gunicorn: `gunicorn -c superset/gunicorn.conf.py "superset.app:create_app()"`."""

import os
from typing import Any

bind = f"{os.environ.get('SUPERSET_HOST', '127.0.0.1')}:{os.environ.get('SUPERSET_PORT', '8088')}"
# A worker takes about 270 MB; its threads wait for PostgreSQL most of the time.
workers = int(os.environ.get("SUPERSET_WORKERS", "2"))
# Loaded once, before the workers are forked: importing Superset takes a core many seconds.
preload_app = True
worker_class = "gthread"
threads = int(os.environ.get("SUPERSET_THREADS", "8"))
timeout = 120
keepalive = 5
limit_request_line = 0  # Superset puts filters into the address
accesslog = None


def post_fork(server: Any, worker: Any) -> None:
    """Let go of connections that were opened before the fork: two processes must not share one."""
    from superset.extensions import db

    with worker.app.wsgi().app_context():
        db.engine.dispose(close=False)
