from .examining import NETWORK_MEMORY, NETWORK_SUFFIXES, examine_network, is_network

__all__ = ["NETWORK_MEMORY", "NETWORK_SUFFIXES", "examine_network", "is_network"]
