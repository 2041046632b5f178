"""`python -m core.jobs.worker MODULE ARGUMENT...`: run a module as `python -m` does, for an app.

It gives way to other processes, and ends when its standard input does: with its app.
"""

import runpy
import signal
import sys
import threading

from core.background import end_with_the_app, give_way, leave


def main() -> None:
    """Run the module that the arguments name."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the app, which ends this
    signal.signal(signal.SIGTERM, leave)
    give_way()
    threading.Thread(target=end_with_the_app, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
