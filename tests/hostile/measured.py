"""What a call costs: its peak of memory and its seconds, measured in a process of its own.

The process is a copy of the test's, with its database in memory, and ends after the call, so the
call has no side effects on the test. A call that would take the machine's memory fails instead.
"""

import json
import os
import resource
import traceback
import warnings
from pathlib import Path
from time import process_time

# More than any call may use, and less than a machine has.
HARD_BYTES = 3 * 2**30
HARD_SECONDS = 40


def measured(call):
    """Return the value of a call, which JSON can hold, its peak of memory in bytes above what there
    was, and its seconds. Raise AssertionError if it fails, or takes far too much."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python warns of copies of processes with threads; the test has none that hold a lock.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _answer(call, writing)
    os.close(writing)
    with open(reading, "rb") as answer:
        said = answer.read()
    _child, ended = os.waitpid(child, 0)
    assert said, f"the process was ended, {ended}: too much time or memory"
    value, peak, seconds, error = json.loads(said)
    assert not error, error
    return value, peak, seconds


def _answer(call, writing):
    """Write the value and the cost of the call, and exit without running the exit handlers of the
    parent."""
    value, error = None, ""
    try:
        before, begun = _status("VmRSS"), process_time()
        resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + HARD_BYTES,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(begun) + HARD_SECONDS,) * 2)
        try:
            value = call()
        except BaseException:
            error = traceback.format_exc()[-3000:]
        # In a forked process, the peak starts at the memory in use at the fork.
        said = [value, _status("VmHWM") - before, process_time() - begun, error]
        os.write(writing, json.dumps(said).encode())
    finally:
        os._exit(0)


def _status(name):
    """Return a value of /proc/self/status in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) * 1024
