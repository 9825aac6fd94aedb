"""What Interpolate's browser halves are sent of a run: bundle and extras under one line of JSON."""

import hashlib
import json
from typing import Any

from app import services
from vae_core.run import Run


def headed(run: Run, place: dict[str, Any]) -> bytes:
    """{run, stamp and length of the bundle, place to begin at} on a line, the bundle, the extras.

    Raises RunDamagedError or BundleError.
    """
    bundle, _ = services.bundle(run)
    head = {
        "run": run.id,
        "stamp": hashlib.sha256(bundle).hexdigest()[:16],
        "bundle": len(bundle),
        "place": place,
    }
    return json.dumps(head).encode() + b"\n" + bundle + services.extras(run)
