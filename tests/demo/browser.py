"""A headless browser with the network cut to this machine, and the page served next to it."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from shutil import which

# Long, since the machine may be busy: what is waited for is there in a second or two.
PATIENCE = 240

CHROMIUM, DRIVER = which("chromium"), which("chromedriver")


@contextmanager
def served(*options):
    """Run `keras-siamese demo` in a separate process and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "keras_siamese.cli", "demo", "--port", port, *options]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ)
    )
    try:
        lines = []
        for line in server.stdout:
            lines.append(line)
            if line.startswith("Draw at "):
                break
        assert server.poll() is None and lines[-1].startswith("Draw at "), "".join(lines)
        yield lines[-1].split()[2]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=PATIENCE)
        server.stdout.close()


@contextmanager
def browser(width=1280, height=1000):
    """Start Chromium, which finds no host but this machine."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        # A camera that shows a moving figure, and that nobody is asked about.
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        driver.set_page_load_timeout(PATIENCE)
        driver.set_script_timeout(PATIENCE)
        yield driver
    finally:
        driver.quit()


class Page:
    """The page as a person uses it."""

    def __init__(self, driver, address):
        """Open the page and wait for it."""
        self.driver = driver
        driver.get(address)
        self.wait(lambda: self.find("#query-pad canvas"))

    def find(self, selector):
        """Elements that are to be seen."""
        found = self.driver.find_elements("css selector", selector)
        return [element for element in found if element.is_displayed()]

    def wait(self, condition):
        """Wait until a condition holds, and return what it gave."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if result := condition():
                return result
            time.sleep(0.2)
        picture = os.path.join(tempfile.mkdtemp(prefix="keras_siamese_"), "page.png")
        self.driver.save_screenshot(picture)
        raise AssertionError(f"waited in vain; see {picture}")

    def click(self, selector):
        """Click on the first element."""
        self.wait(lambda: self.find(selector))[0].click()

    def text(self, selector):
        """Text of the first element, "" where there is none."""
        found = self.find(selector)
        return found[0].text if found else ""

    def draw(self, selector, *strokes):
        """Draw with the mouse; points are fractions of the pad's sides from its middle."""
        from selenium.webdriver import ActionChains

        canvas = self.wait(lambda: self.find(f"{selector} canvas"))[0]
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
        width, height = canvas.size["width"], canvas.size["height"]
        for stroke in strokes:
            actions = ActionChains(self.driver, duration=20)
            for number, (x, y) in enumerate(stroke):
                actions.move_to_element_with_offset(canvas, int(x * width), int(y * height))
                if number == 0:
                    actions.click_and_hold()
            actions.release().perform()

    def upload(self, selector, path):
        """Choose a file for an upload button, whatever its kind."""
        # The field that takes it is hidden, and stands before the button.
        self.wait(lambda: self.find(selector))
        field = self.driver.find_element(
            "xpath", f"//*[@id='{selector[1:]}']/preceding-sibling::input[@type='file'][1]"
        )
        field.send_keys(str(path))

    def requested(self):
        """Addresses asked for since the last call."""
        events = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
