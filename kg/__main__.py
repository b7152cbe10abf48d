"""The command, as ``kg`` and as ``python -m kg``: what a signal does to it, from the first line to the last.

While modules are imported, and after the work is done, Ctrl-C, SIGTERM and SIGHUP end the process as they end any
other. Between, each is an exception, so that what is half written goes.
"""

from __future__ import annotations

import signal
import sys

TYPE_CHECKING = False  # as typing has it, which need not be imported for that
if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def main() -> None:
    """Run the command. Whoever starts us with the signal ignored keeps it so."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
    heeded = [number for number, handler in usual.items() if signal.getsignal(number) == handler]
    for number in heeded:
        signal.signal(number, signal.SIG_DFL)
    from kg.commands.app import main as run

    sys.unraisablehook = _end_quietly
    try:
        for number in heeded:
            signal.signal(number, _stop)
        run()
    except KeyboardInterrupt:
        _end(signal.SIGINT)
    finally:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)


class Ended(SystemExit):
    """SIGTERM or SIGHUP came; the exit code is the one that a shell tells of it."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


def _stop(number: int, _: object) -> None:
    """Stop, unless that is under way: polars raises too, and what is half made is being cleared by then."""
    if not isinstance(sys.exc_info()[1], (KeyboardInterrupt, Ended)):
        raise KeyboardInterrupt if number == signal.SIGINT else Ended(number)


def _end_quietly(fault: UnraisableHookArgs) -> None:
    """Heed a signal that came where Python can raise nothing, as in the middle of an import."""
    if isinstance(fault.exc_value, Ended):
        _end(fault.exc_value.number)
    if fault.exc_type is KeyboardInterrupt:
        _end(signal.SIGINT)
    sys.__unraisablehook__(fault)


def _end(number: int) -> None:
    """End as the signal does."""
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


if __name__ == "__main__":
    main()
