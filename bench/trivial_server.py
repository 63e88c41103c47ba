"""Serves the trivial route with the settings of the product, without its database."""

import runpy
from pathlib import Path

_settings = runpy.run_path(str(Path(__file__).parents[1] / "deploy" / "gunicorn.py"))
globals().update(
    {
        name: value
        for name, value in _settings.items()
        if not name.startswith("_") and name != "post_fork"
    }
)
