"""The mathematics of the course, one module a chapter, written to be read beside the formulas.

>>> import labkit
>>> labkit.norms.vector_norm([3.0, 4.0])
5.0

Modules are loaded when they are first used, so that `import labkit` itself costs next to nothing.
"""

from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_MODULES = ("autodiff", "checks", "conditioning", "foundations", "gradcheck", "matcalc", "norms", "orthogonality",
            "plots", "psd", "regression", "svd")


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        return import_module(f"labkit.{name}")
    raise AttributeError(f"labkit has no module {name!r}; it has {', '.join(_MODULES)}")


def __dir__() -> list[str]:
    return [*globals(), *_MODULES]
