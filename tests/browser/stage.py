"""Everything but the browser, in processes of its own: the stand-in for TikTok, the gateway, and nginx.

All of it on loopback and in one temporary folder; `stop` ends what `start` started.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fullsignal.demo.processes import free_ports

HERE = Path(__file__).parent
PIXEL = "CD9079RC77U0N3GBV16Y"
WEBHOOK_SECRET = "hush-hush-0123456789"
START_SECONDS_MAX = 20.0
NAMES = ("*.example.test", "*.shop.example.test", "*.de.example.test", "*.us.example.test", "*.widgets.test")


def nginx_command() -> str | None:
    """Debian keeps it where only root's PATH leads."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def key_of(site: str) -> str:
    return f"pk_{site}_0123456789"


class Stage:
    """`pages`: the port on which somebody serves the shop's own pages."""

    def __init__(self, folder: Path, pages: int) -> None:
        self.folder = folder
        self.ports = dict(zip(("emulator", "gateway", "port"), free_ports(3), strict=True)) | {"pages": pages}
        self.emulator = f"http://127.0.0.1:{self.ports['emulator']}"
        self.gateway = f"http://127.0.0.1:{self.ports['gateway']}"
        self.config = folder / "fullsignal.toml"
        self.spki = ""  # by this Chromium knows the certificate, and takes it as a good one
        self._down = folder / "down"
        self._running: list[subprocess.Popen[bytes]] = []

    # ---- its beginning and end ------------------------------------------------------------------------

    def start(self) -> None:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self._write_certificate()
        self._write_configuration()
        python = sys.executable
        self._run("emulator", python, "-m", "fullsignal_emulator", "--port", str(self.ports["emulator"]))
        self._wait(lambda: _answers(f"{self.emulator}/_emulator/clock"))
        self._run("gateway", python, "-m", "fullsignal", "serve", "--config", str(self.config))
        nginx = nginx_command()
        assert nginx is not None
        log = str(self.folder / "nginx.log")
        self._run("nginx", nginx, "-e", log, "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder))
        self._wait(lambda: _answers(f"{self.gateway}/readyz"))
        self._wait(lambda: socket.create_connection(("127.0.0.1", self.ports["port"]), timeout=5).close())

    def stop(self) -> None:
        for process in reversed(self._running):
            process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(12)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        self._running.clear()

    def _run(self, name: str, *command: str) -> None:
        secrets = {
            "TIKTOK_TOKEN": "test_token",
            "SHOP_WEBHOOK": WEBHOOK_SECRET,
            "FULLSIGNAL_TEST_CLOCK": self.emulator,
        }
        with (self.folder / f"{name}.txt").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **secrets},
            )
        self._running.append(process)

    def _wait(self, reached: Callable[[], None]) -> None:
        ends = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                return reached()
            except OSError:
                ended = any(process.poll() is not None for process in self._running)
                assert not ended and time.monotonic() < ends, self.said()
                time.sleep(0.05)

    def said(self) -> str:
        """What the logs hold beside the usual, for a test that fails."""
        logs = [self.folder / name for name in ("nginx.log", "nginx.txt", "gateway.txt")]
        lines = [line for log in logs if log.exists() for line in log.read_text().splitlines()]
        return "\n".join([line for line in lines if '"level": "info"' not in line][-30:])

    # ---- what a test does to it -----------------------------------------------------------------------

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Meanwhile the proxy answers 503 for the collector; the shop's own pages are there."""
        self._down.touch()
        try:
            yield
        finally:
            self._down.unlink(missing_ok=True)

    # ---- files ----------------------------------------------------------------------------------------

    def _write_configuration(self) -> None:
        def site(found: re.Match[str]) -> str:
            return (
                f'{found[0]}\npublic_keys = ["{key_of(found[1])}"]\n'
                f'tiktok.pixel_code = "{PIXEL}"\ntiktok.access_token_env = "TIKTOK_TOKEN"\n'
                f'tiktok.endpoint = "{self.emulator}"\ntiktok.mode = "live"\n'
            )

        shops = self._filled(HERE / "shops.toml")
        self.config.write_text(re.sub(r"^\[site\.([a-z-]+)\]$", site, shops, flags=re.M))
        for name in ("nginx.conf", "same-origin.conf", "sub-domain.conf"):
            (self.folder / name).write_text(self._filled(HERE / "nginx" / name))

    def _filled(self, path: Path) -> str:
        # nginx started by root gives its workers to nobody, who may not read this folder.
        user = "user root;" if os.geteuid() == 0 else ""
        blanks = {"folder": str(self.folder), "user": user, **{k: str(v) for k, v in self.ports.items()}}
        return re.sub(r"@(\w+)@", lambda found: blanks[found[1]], path.read_text())

    def _write_certificate(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example.test")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in NAMES]), critical=False)
            .sign(key, hashes.SHA256())
        )
        (self.folder / "shop.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self.folder / "shop.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.spki = base64.b64encode(hashlib.sha256(public).digest()).decode()

    def trusting(self) -> ssl.SSLContext:
        """For callers that are no browser: shops' webhooks."""
        return ssl.create_default_context(cafile=str(self.folder / "shop.pem"))


def _answers(url: str) -> None:
    urllib.request.urlopen(url, timeout=5).close()
