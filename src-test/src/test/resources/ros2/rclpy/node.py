"""rclpy's Node, as far as the bridge knows it."""

import sys

from sensor_msgs.msg import CompressedImage


class _Logger:
    def info(self, text):
        print(text, file=sys.stderr, flush=True)


class _Parameter:
    def __init__(self, value):
        self.value = value


class _Publisher:
    def __init__(self, node):
        self._node = node

    def publish(self, message):
        self._node.published += 1
        print(message.data, flush=True)


class Node:
    def __init__(self, name):
        self.subscriptions = []
        self.published = 0
        self._given = dict(argument.split(":=", 1) for argument in sys.argv[1:] if ":=" in argument)

    def declare_parameter(self, name, otherwise):
        return _Parameter(self._given.get(name, otherwise))

    def create_publisher(self, kind, topic, depth):
        return _Publisher(self)

    def create_subscription(self, kind, topic, callback, qos):
        assert kind is CompressedImage and topic == "image/compressed"
        self.subscriptions.append((topic, callback))

    def get_logger(self):
        return _Logger()

    def destroy_node(self):
        pass


def picture(data, number):
    image = CompressedImage()
    image.data = data
    image.header.stamp.sec = number
    image.header.frame_id = "camera"
    return image
