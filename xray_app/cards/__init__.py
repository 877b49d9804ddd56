"""What lies beside a model's weights, as checked records: card, gate, evaluation, faithfulness.

Reads and writes those files. It loads no weights and runs no model.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
