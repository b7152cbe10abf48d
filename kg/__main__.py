"""The command, as ``kg`` and as ``python -m kg``: what Ctrl-C does to it, from the first line to the last.

While modules are imported, and after the work is done, the signal ends the process as it ends any other. Between, it is
an exception, so that what is half written goes.
"""

from __future__ import annotations

import signal
import sys

TYPE_CHECKING = False  # as typing has it, which need not be imported for that
if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def main() -> None:
    """Run the command. Whoever starts us with the signal ignored keeps it so."""
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if heeded:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from kg.commands.app import main as run

    sys.unraisablehook = _end_quietly
    try:
        if heeded:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        _end()
    finally:
        if heeded:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end_quietly(fault: UnraisableHookArgs) -> None:
    """Heed an interruption that came where Python can raise nothing, as in the middle of an import."""
    if fault.exc_type is KeyboardInterrupt:
        _end()
    sys.__unraisablehook__(fault)


def _end() -> None:
    """End as the signal does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
