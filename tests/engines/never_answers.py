"""Stands for a process whose model takes minutes to load: it reads nothing and says nothing."""

import time

if __name__ == "__main__":
    time.sleep(45)
