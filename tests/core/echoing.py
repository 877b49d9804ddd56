"""A child process for tests: it is told a value, then does what it is asked."""

import os
import tempfile
import time

from xray_app.core.processes import own_pipes, receive, send

if __name__ == "__main__":
    requests, answers = own_pipes()
    told = receive(requests)
    while True:
        task, value = receive(requests)
        if task == "exit":
            os._exit(value)
        if task == "sleep":
            time.sleep(value)
        if task == "print":
            print(value, flush=True)
        if task == "tempdir":
            value = tempfile.gettempdir()
        send(answers, (told, value))
