"""The programs in docs/, as modules."""

import importlib.util
from pathlib import Path


def program(name):
    """Return the module of a program in docs/."""
    path = Path("docs") / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
