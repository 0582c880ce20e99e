#!/usr/bin/env python3
"""Forwards a camera's pictures to a Tilestream node's stream, and publishes the answers.

Subscribes to sensor_msgs/CompressedImage on `image/compressed` and publishes std_msgs/String on `detections`: the node's JSON, with the
picture's own `stamp` and `frame_id` in it. The newest picture wins, here as at the node: what cannot be sent in time is dropped and counted.

    ros2 run ... or: python3 tilestream_bridge.py --ros-args -p url:=ws://127.0.0.1:8000 -p model:=fastestdet \
        -r image/compressed:=/camera/image_raw/compressed

Parameters: url, model, token (or the environment's TILESTREAM_TOKEN), authority (PEM file, for wss), query (more of the address, such as
strategy=hybrid). It needs rclpy, which comes with ROS 2, and Debian's python3-websockets.
"""

import asyncio
import inspect
import json
import os
import ssl
import threading
import urllib.parse
from collections import OrderedDict

import websockets

# Pictures whose answers have not come; the node tells of every one that it drops, so there are few.
MOST_OPEN = 1000
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0


class Bridge:
    """The thin part, without ROS: pictures in, answers out. `publish` is called with a dict for every answer."""

    def __init__(self, url, model, publish, token="", authority="", query="", log=print):
        if not model:
            raise ValueError("model: none (expected: the name of a model of the node)")
        path = "/v2/models/%s/stream" % urllib.parse.quote(model, safe="")
        self.address = url.rstrip("/") + path + ("?" + query if query else "")
        self.publish = publish
        self.log = log
        self.headers = {"Authorization": "Bearer " + token} if token else {}
        self.tls = ssl.create_default_context(cafile=authority or None) if self.address.startswith("wss:") else None
        self.dropped = 0
        self._newest = None
        self._wake = None
        self._loop = None
        self._stop = False

    def picture(self, data, stamp, frame_id):
        """A picture came; any thread. It replaces one that has not been sent yet."""
        self._tell(self._offer, (bytes(data), stamp, frame_id))

    def stop(self):
        """Ends run(), from any thread."""
        self._stop = True
        self._tell(lambda: self._wake.set())

    def _tell(self, what, *arguments):
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:
            pass  # It has ended.

    def _offer(self, picture):
        if self._newest is not None:
            self.dropped += 1
        self._newest = picture
        self._wake.set()

    async def run(self):
        """Keeps a stream open until stop(); a connection that breaks is made anew, ever more slowly."""
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while not self._stop:
            try:
                async with connect(self.address, self.headers, self.tls) as socket:
                    self.log("streaming to " + self.address)
                    pause = FIRST_PAUSE
                    await self._stream(socket)
            except Exception as e:  # Whatever it was: the camera goes on, and so does this.
                self.log("%s: %s: %s" % (self.address, type(e).__name__, e))
            await self._rest(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)

    async def _rest(self, seconds):
        end = self._loop.time() + seconds
        while not self._stop and self._loop.time() < end:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), end - self._loop.time())
            except asyncio.TimeoutError:
                return

    async def _stream(self, socket):
        sent = OrderedDict()
        tasks = [asyncio.ensure_future(self._send(socket, sent)), asyncio.ensure_future(self._receive(socket, sent))]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()

    async def _send(self, socket, sent):
        number = 0
        while not self._stop:
            await self._wake.wait()
            self._wake.clear()
            picture, self._newest = self._newest, None
            if picture is None:
                continue
            sent[number] = picture[1:]
            number += 1
            while len(sent) > MOST_OPEN:
                sent.popitem(last=False)
            await socket.send(picture[0])

    async def _receive(self, socket, sent):
        async for message in socket:
            if self._stop:
                return
            if not isinstance(message, str):
                raise ValueError("a binary answer (expected: JSON; leave binary_data_output out of query)")
            answer = json.loads(message)
            for first, end in answer.get("dropped_frames", []):
                for number in range(first, end):
                    self.dropped += 1 if sent.pop(number, None) else 0
            picture = sent.pop(answer.get("frame"), None)
            if picture is None:
                if "error" in answer:
                    self.log("the node: " + answer["error"])
                continue
            answer["stamp"], answer["frame_id"] = picture
            answer["dropped_in_all"] = self.dropped
            self.publish(answer)


def connect(address, headers, tls):
    """Of whatever age the websockets package is: what it can be told changed in versions 10, 14 and 15."""
    known = inspect.signature(websockets.connect.__init__).parameters
    options = {"max_size": 64 << 20, "ping_interval": 5, "ping_timeout": 10}
    options["additional_headers" if "additional_headers" in known else "extra_headers"] = headers
    if "open_timeout" in known:
        options["open_timeout"] = 5
    if "proxy" in known:
        options["proxy"] = None
    if tls is not None:
        options["ssl"] = tls
    return websockets.connect(address, **options)


def main():
    import rclpy
    from rclpy.executors import ExternalShutdownException
    from rclpy.node import Node
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import CompressedImage
    from std_msgs.msg import String

    rclpy.init()
    node = Node("tilestream_bridge")
    value = lambda name, otherwise: node.declare_parameter(name, otherwise).value
    publisher = node.create_publisher(String, "detections", 10)
    bridge = Bridge(
        value("url", "ws://127.0.0.1:8000"), value("model", ""), lambda answer: publisher.publish(String(data=json.dumps(answer))),
        token=value("token", "") or os.environ.get("TILESTREAM_TOKEN", ""), authority=value("authority", ""), query=value("query", ""),
        log=node.get_logger().info)
    node.create_subscription(
        CompressedImage, "image/compressed",
        lambda image: bridge.picture(image.data, [image.header.stamp.sec, image.header.stamp.nanosec], image.header.frame_id),
        qos_profile_sensor_data)
    worker = threading.Thread(target=lambda: asyncio.run(bridge.run()), daemon=True)
    worker.start()
    try:
        rclpy.spin(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        bridge.stop()
        worker.join(timeout=5)
        node.destroy_node()
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
