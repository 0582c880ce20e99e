"""std_msgs/String, by its definition."""


class String:
    def __init__(self, data=""):
        self.data = data
