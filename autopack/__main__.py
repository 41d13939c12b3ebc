"""``python -m autopack`` and the ``autopack`` script."""

import sys


def main() -> None:
    from autopack.cli.app import main as run_command

    sys.exit(run_command())


if __name__ == "__main__":
    main()
