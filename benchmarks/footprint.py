"""What the app and the HTTP service weigh, for whoever sizes a machine or a container.

    python -m benchmarks.footprint

Memory of all processes together, pages that they share counted once (PSS), after each step; and
the time that one and four callers at once wait for the service.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median

import httpx
import psutil
from playwright.sync_api import sync_playwright

from benchmarks.browser import NoBrowser, launch
from benchmarks.load_server import Memory, running_server
from xray_app.samples import list_samples, read_sample

BYTES = {"Content-Type": "application/octet-stream"}


def megabytes(process: psutil.Process) -> float:
    """Proportional set size of a process and its children, 10**6 bytes."""
    memory = Memory(process, 1.0)
    memory.sample()
    return memory.pss[-1]


def measure_app() -> Iterator[tuple[str, float]]:
    """Memory after each step of one visitor's way through the pages."""
    with running_server() as (address, process), sync_playwright() as playwright:
        yield "app: started, nobody there", megabytes(process)
        browser = launch(playwright)
        page = browser.new_page()
        for step, path in (("Diagnose", ""), ("Compare schemes", "compare"), ("Study", "study")):
            page.goto(f"{address}/{path}?sample=normal_1", wait_until="networkidle")
            page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=120_000)
            time.sleep(5)  # results come by and by
            yield f"app: {step}", megabytes(process)
        browser.close()


@contextmanager
def service() -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """The HTTP service on a free port."""
    command = [sys.executable, "-m", "xray_app", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[2].removesuffix("/openapi.json;")
        transport = httpx.HTTPTransport(retries=50)
        with httpx.Client(base_url=address, timeout=120, transport=transport) as client:
            yield client, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def measure_service() -> Iterator[tuple[str, float]]:
    """Memory and milliseconds of the service."""
    samples = [read_sample(name) for name in list_samples()]

    def milliseconds(path: str, data: bytes) -> float:
        start = time.perf_counter()
        client.post(path, content=data, headers=BYTES).raise_for_status()
        return 1000.0 * (time.perf_counter() - start)

    with service() as (client, process):
        client.get("/health").raise_for_status()
        yield "service: started", megabytes(process)
        for path in ("/predict", "/compare"):
            milliseconds(path, samples[0])
            yield f"service: {path}, ms", median(milliseconds(path, s) for s in samples)
        with ThreadPoolExecutor(4) as callers:
            start = time.perf_counter()
            list(callers.map(lambda s: milliseconds("/predict", s), samples * 4))
            rate = 4 * len(samples) / (time.perf_counter() - start)
        yield "service: /predict, four callers at once, a second", rate
        yield "service: after all that", megabytes(process)


def main() -> None:
    """Print the table."""
    print("| what | MB, ms or a second |\n| --- | ---: |")
    for measured in (measure_app(), measure_service()):
        try:
            for what, value in measured:
                print(f"| {what} | {value:.0f} |", flush=True)
        except NoBrowser as error:
            print(f"| app | {error} |", flush=True)


if __name__ == "__main__":
    main()
