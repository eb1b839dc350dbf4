"""A headless Chromium for tests, driven by chromedriver's HTTP protocol; nothing but the standard library."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_STARTED = re.compile(r"started successfully on port (\d+)")
_UNTIL = """
const [condition, done] = arguments, holds = new Function(condition);
(function look() { holds() ? done(true) : setTimeout(look, 10); })();
"""
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Right": "\ue014", "Tab": "\ue004"}


def is_here() -> bool:
    """Can a browser be started on this machine?"""
    return bool(shutil.which("chromedriver") and (shutil.which("chromium") or shutil.which("google-chrome")))


class Browser:
    """One window. Failures of the driver are RuntimeErrors with its words."""

    def __init__(self, base: str) -> None:
        self._base = base
        arguments = ["--headless=new", "--disable-gpu", "--no-sandbox", "--hide-scrollbars", "--disable-dev-shm-usage"]
        options = {"args": arguments, "binary": shutil.which("chromium") or shutil.which("google-chrome")}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{answer['sessionId']}"

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._base + path, content, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as problem:
            raise RuntimeError(json.load(problem)["value"]["message"]) from problem

    def renew(self) -> None:
        """Makes the tab as new: an empty page, no history, nothing emulated, as wide as at first."""
        self._blank()
        self.cdp("Page.resetNavigationHistory")
        self.scripts(on=True)
        self.cdp("Emulation.setEmulatedMedia", media="", features=[])
        self.cdp("Emulation.setFocusEmulationEnabled", enabled=True)
        self.resize(1280)

    def open(self, page: Path, fragment: str = "") -> None:
        if self._call("GET", f"{self._session}/url") != "about:blank":
            self._blank()
        self.logs("browser")
        self.logs("performance")
        self._call("POST", f"{self._session}/url", {"url": page.resolve().as_uri() + fragment})

    def _blank(self) -> None:
        self._call("POST", f"{self._session}/url", {"url": "about:blank"})

    def run(self, script: str, *arguments: Any) -> Any:
        """What the script returns, run in the page."""
        return self._call("POST", f"{self._session}/execute/sync", {"script": script, "args": list(arguments)})

    def cdp(self, command: str, **parameters: Any) -> Any:
        return self._call("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def resize(self, width: int, height: int = 900) -> None:
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def emulate(self, *, dark: bool = False, printing: bool = False) -> None:
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.cdp("Emulation.setEmulatedMedia", media="print" if printing else "", features=features)

    def scripts(self, *, on: bool) -> None:
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    def click(self, selector: str) -> None:
        self._call("POST", f"{self._session}/element/{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._call("POST", f"{self._session}/element/{self._find(selector)}/value", {"text": text})

    def press(self, *names: str) -> None:
        """Keys by name, to the element that has the focus."""
        focused = self._call("GET", f"{self._session}/element/active")[_ELEMENT]
        for name in names:
            self._call("POST", f"{self._session}/element/{focused}/value", {"text": KEYS.get(name, name)})

    def _find(self, selector: str) -> str:
        found = self._call("POST", f"{self._session}/element", {"using": "css selector", "value": selector})
        element = found[_ELEMENT]
        assert isinstance(element, str)
        return element

    def wait(self, script: str) -> None:
        """Until the script returns something true; the driver gives up after half a minute."""
        self._call("POST", f"{self._session}/execute/async", {"script": _UNTIL, "args": [script]})

    def drawn(self) -> None:
        """Until the page has drawn what a new width changes: its scripts do so when the frame is laid out."""
        script = "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done()));"
        self._call("POST", f"{self._session}/execute/async", {"script": script, "args": []})

    def logs(self, kind: str) -> list[dict[str, Any]]:
        entries = self._call("POST", f"{self._session}/se/log", {"type": kind})
        assert isinstance(entries, list)
        return entries

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.logs("performance")]
        sent = (one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent")
        return [address for address in sent if address != "about:blank"]

    def screenshot(self, where: Path, *, whole: bool = True) -> None:
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=whole, **self._clip(whole=whole))
        where.write_bytes(base64.b64decode(shot["data"]))

    def _clip(self, *, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def close(self) -> None:
        self._call("DELETE", self._session)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser while the context lasts."""
    with subprocess.Popen(
        ["chromedriver", "--port=0"],  # it chooses a port and says which
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "no_proxy": "127.0.0.1"},
    ) as driver:
        try:
            assert driver.stdout is not None
            port = next((found[1] for line in driver.stdout if (found := _STARTED.search(line))), None)
            assert port is not None, "chromedriver ended before it was ready"
            window = Browser(f"http://127.0.0.1:{port}")
            try:
                yield window
            finally:
                window.close()
        finally:
            driver.terminate()
