"""What happens next to an alarm: pipelines, their blocks, and the runs that carry alarms through them.

A run is decided upon by a pure function and kept in tables, so that it can be picked up wherever it was left.
The configuration sections stand in `tocsin.pipelines.section`; whoever only needs those does not import the
machinery.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.pipelines.bindings import Bindings
    from tocsin.pipelines.routing import Routing
    from tocsin.pipelines.runs import Runs
    from tocsin.pipelines.watchdog import Watchdog

__all__ = ["Bindings", "Routing", "Runs", "Watchdog"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from importlib import import_module

        module = {"Bindings": "bindings", "Routing": "routing", "Runs": "runs", "Watchdog": "watchdog"}[name]
        return getattr(import_module(f"tocsin.pipelines.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
