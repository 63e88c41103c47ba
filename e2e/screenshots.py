"""Pictures of every page and state: ``python -m e2e.screenshots FOLDER``.

Starts the product and walks the same tours as the accessibility test, which
takes the pictures at each stop.
"""

import os
import sys
from pathlib import Path

import pytest

from e2e.pictures import FOLDER_VARIABLE

TOURS = Path(__file__).with_name("test_every_state.py")


def main() -> int:
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m e2e.screenshots FOLDER\n")
        return 2
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[FOLDER_VARIABLE] = str(folder)
    return pytest.main(["-q", "-p", "no:cacheprovider", str(TOURS), "-k", "picture"])


if __name__ == "__main__":
    sys.exit(main())
