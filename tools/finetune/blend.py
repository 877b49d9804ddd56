"""Keep a fraction of what fine-tuning changed.

Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", average the weights in the same way.

    python -m tools.finetune.blend START.weights.h5 TUNED.weights.h5 FRACTION OUT.weights.h5
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def blend(start: Path, tuned: Path, fraction: float, out: Path) -> None:
    """Write (1 - fraction) x start + fraction x tuned; both files have the same arrays."""
    shutil.copy(tuned, out)
    with h5py.File(start) as first, h5py.File(out, "r+") as target:

        def mix(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                before, after = (np.asarray(x[()], np.float64) for x in (first[name], item))
                item[...] = ((1.0 - fraction) * before + fraction * after).astype(item.dtype)

        target.visititems(mix)


if __name__ == "__main__":
    blend(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
