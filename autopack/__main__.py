"""``python -m autopack`` and the ``autopack`` script."""

import gc
import os
import sys
from typing import Final

_OBJECTS_BETWEEN_LOOKS: Final = 200_000
"""What is imported lives for ever. Python's own 700 has it looked through for garbage so often that a start takes a quarter longer."""


def main() -> None:
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS)
    if sys.getfilesystemencoding() != "utf-8":  # paths of a repository are UTF-8 whatever the locale says
        os.execv(sys.executable, [sys.executable, "-X", "utf8", "-m", "autopack", *sys.argv[1:]])  # noqa: S606 - this very program
    from autopack.settings.key_variables import withdraw_keys

    withdraw_keys()
    from autopack.cli.app import main as run_command

    sys.exit(run_command())


if __name__ == "__main__":
    main()
