"""Put what was learnt into a weights file as it ships, float16.

python -m tools.finetune.assemble START.weights.h5 LEARNT.npz OUT.weights.h5
"""

import sys
from pathlib import Path

from tools.finetune.network import load, network
from xray_app.training.export import save_half_precision


def main() -> None:
    """Write the file."""
    start, learnt, out = (Path(a) for a in sys.argv[1:4])
    net = network(start)
    load(net, learnt)
    save_half_precision(net.model, out)


if __name__ == "__main__":
    main()
