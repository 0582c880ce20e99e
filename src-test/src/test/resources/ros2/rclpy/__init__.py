"""Stands in for ROS 2 in a test: a camera that shows the pictures of TEST_CAMERA, at TEST_RATE, TEST_PICTURES times; what is published is printed."""

import os
import pathlib
import time

from . import node as _node


def init():
    pass


def spin(node):
    pictures = [path.read_bytes() for path in sorted(pathlib.Path(os.environ["TEST_CAMERA"]).iterdir())]
    pause = 1 / float(os.environ["TEST_RATE"])
    wanted = int(os.environ["TEST_PICTURES"])
    # A camera shows pictures before anybody is there to see them.
    deadline = time.monotonic() + 60
    shown = 0
    while node.published < wanted and time.monotonic() < deadline:
        for _, callback in node.subscriptions:
            callback(_node.picture(pictures[shown % len(pictures)], shown))
        shown += 1
        time.sleep(pause)


def try_shutdown():
    pass
