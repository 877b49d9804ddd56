"""Files to measure with, made from a sample."""

import io

import numpy as np
from PIL import Image


def enlarged(sample: bytes, side: int, kind: str = "PNG") -> bytes:
    """A file of side x side pixels with film grain, so that it compresses like a radiograph."""
    gray = (
        Image.open(io.BytesIO(sample)).convert("L").resize((side, side), Image.Resampling.BICUBIC)
    )
    grain = np.random.default_rng(0).normal(0, 2, (side, side)).astype(np.float32)
    noisy = np.clip(np.asarray(gray) + grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, kind, quality=92)
    return buffer.getvalue()
