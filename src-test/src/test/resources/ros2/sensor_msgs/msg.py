"""sensor_msgs/CompressedImage, by its definition."""


class _Time:
    def __init__(self):
        self.sec = 0
        self.nanosec = 0


class _Header:
    def __init__(self):
        self.stamp = _Time()
        self.frame_id = ""


class CompressedImage:
    def __init__(self):
        self.header = _Header()
        self.format = "jpeg"
        self.data = b""
