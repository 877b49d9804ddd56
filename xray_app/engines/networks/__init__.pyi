from .examining import NETWORK_MEMORY, NETWORK_SUFFIXES, examine_network, is_network
from .worker import NetworkProcess

__all__ = [
    "NETWORK_MEMORY",
    "NETWORK_SUFFIXES",
    "NetworkProcess",
    "examine_network",
    "is_network",
]
