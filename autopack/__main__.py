"""``python -m autopack`` and the ``autopack`` script."""

import os
import sys


def main() -> None:
    if sys.getfilesystemencoding() != "utf-8":  # paths of a repository are UTF-8 whatever the locale says
        os.execv(sys.executable, [sys.executable, "-X", "utf8", "-m", "autopack", *sys.argv[1:]])  # noqa: S606 - this very program
    from autopack.settings.key_variables import withdraw_keys

    withdraw_keys()
    from autopack.cli.app import main as run_command

    sys.exit(run_command())


if __name__ == "__main__":
    main()
