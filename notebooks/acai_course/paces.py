"""How long a lab may take: $ACAI_LITE_PACE is smoke (tests), lab (default) or full. Only labs ask;
`fit` never does."""
import os
from typing import Any

PACES = ("smoke", "lab", "full")


def pace(**values: Any) -> Any:
    """pace(smoke=1, lab=2, full=3) -> the value of the current pace. Raises ValueError for an
    unknown pace."""
    current = os.environ.get("ACAI_LITE_PACE", "lab")
    if current not in PACES:
        raise ValueError(f"ACAI_LITE_PACE must be one of {', '.join(PACES)}; got {current!r}")
    if set(values) != set(PACES):
        raise ValueError(f"pace() wants a value for each of {', '.join(PACES)}; got "
                         f"{', '.join(values) or 'none'}")
    return values[current]
