"""The command line's entry: `latentscape` or `python -m vae_core`; `commands.py` acts.

Imports nothing by itself, so that Ctrl-C is understood from the first moment.
"""

import sys


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit code."""
    try:
        from vae_core import commands

        return commands.main(arguments)
    except KeyboardInterrupt:  # while modules are still read
        print("Interrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
