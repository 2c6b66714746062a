"""A disk without room, for whatever this process writes."""

import resource
from contextlib import contextmanager


@contextmanager
def no_room():
    """Inside the block no file can get any longer, as on a full disk."""
    former, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (former, most))
