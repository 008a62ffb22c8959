"""Headless Chromium, and what it did while a page was open."""

import base64
import json
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


class Browser:
    def __init__(self):
        options = webdriver.ChromeOptions()
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_script_timeout(120)
        self.driver.set_page_load_timeout(120)
        self.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def look(self, scheme="light", width=1280, height=900, media=""):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def open(self, path):
        """Opens a page; returns what it asked for besides itself, what it said, and what was forbidden."""
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        url = path.resolve().as_uri()
        self.driver.get(url)
        self.until(lambda: self.run("return document.readyState") == "complete", "the page does not load")
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        requests = [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]
        return {
            "requests": [request for request in requests if request.split("#")[0] != url],
            "console": [entry["message"] for entry in self.driver.get_log("browser")],
            "violations": self.run("return window.violations"),
        }

    def until(self, condition, problem, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, problem
            time.sleep(0.02)

    def picture(self, path):
        height = self.run("return document.documentElement.scrollHeight")
        width = self.run("return window.innerWidth")
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=min(height + 100, 12_000), deviceScaleFactor=1, mobile=False,
        )
        self.run("return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        data = self.command("Page.captureScreenshot", format="png")["data"]
        path.write_bytes(base64.b64decode(data))

    def print(self, path):
        pages = self.command("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"]
        data = base64.b64decode(pages)
        assert data.startswith(b"%PDF-"), "the page does not print"
        path.write_bytes(data)

    def close(self):
        self.driver.quit()
