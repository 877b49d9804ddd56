"""Debian's Orthanc with its DICOMweb plugin, on loopback ports and in a folder of its own."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
USER, PASSWORD = "tester", "pässword"


@dataclass(frozen=True, slots=True)
class Orthanc:
    """A server that runs; ``post`` and ``instances`` speak Orthanc's own language, not DICOMweb."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes the app use this server."""
        return {
            "XRAY_APP_PACS_URL": f"{self.address}/dicom-web",
            "XRAY_APP_PACS_LOGIN": "basic",
            "XRAY_APP_PACS_USER": USER,
            "XRAY_APP_PACS_PASSWORD": PASSWORD,
        }

    def post(self, data: bytes) -> None:
        """Put a DICOM file in, whatever it is."""
        self._ask("POST", "/instances", data).raise_for_status()

    def instances(self, study: str) -> dict[str, bytes]:
        """All files of a study, by SOP Instance UID."""
        found = self._ask("POST", "/tools/lookup", study.encode()).json()
        (place,) = [one["Path"] for one in found if one["Type"] == "Study"]
        listed = self._ask("GET", f"{place}/instances").json()
        return {
            one["MainDicomTags"]["SOPInstanceUID"]: self._ask(
                "GET", f"/instances/{one['ID']}/file"
            ).content
            for one in listed
        }

    def _ask(self, method: str, path: str, data: bytes | None = None) -> requests.Response:
        auth = requests.auth.HTTPBasicAuth(USER.encode(), PASSWORD.encode())
        return requests.request(method, self.address + path, data=data, auth=auth, timeout=20)


@contextmanager
def running_orthanc(folder: Path) -> Iterator[Orthanc]:
    """Start the server and end it; skip the test where it isn't installed."""
    program = shutil.which("Orthanc")
    if program is None or not PLUGIN.exists():
        pytest.skip("Orthanc is not installed (Debian packages orthanc, orthanc-dicomweb)")
    port = _free_port()
    settings = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "Plugins": [str(PLUGIN)],
        "HttpPort": port,
        "HttpBindAddresses": ["127.0.0.1"],
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, str(path)], cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(process, port)
            yield Orthanc(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(200):
        assert process.poll() is None, "Orthanc ended at its start"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("Orthanc did not answer within 10 s")
