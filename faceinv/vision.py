"""Torchvision without PyTorch's compiler.

Torchvision imports the compiler for an operation that nothing here uses, which takes each process three
seconds. It is given a stand-in while it is imported, and nobody else sees that.
"""

import sys
from types import ModuleType

import torch  # noqa: F401  (what torchvision needs of PyTorch is not to be imported beside a stand-in)

COMPILER = ("torch._dynamo", "torch._dynamo.utils")


def import_torchvision() -> None:
    """Import torchvision; as it is, if it asks its compiler for anything else."""
    if not any(name in sys.modules for name in (*COMPILER, "torchvision")):
        stand_ins = {name: ModuleType(name) for name in COMPILER}
        stand_ins[COMPILER[1]].is_compile_supported = lambda device: False  # type: ignore[attr-defined]
        sys.modules.update(stand_ins)
        try:
            import torchvision
        except (ImportError, AttributeError):
            for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[name]
        finally:
            for name in COMPILER:
                sys.modules.pop(name, None)
    import torchvision  # noqa: F401


import_torchvision()
