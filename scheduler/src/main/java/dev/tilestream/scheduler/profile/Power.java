package dev.tilestream.scheduler.profile;

/** Watts that a device draws in each state. Radio states add their difference to idle on top of what the processor draws. */
public record Power(double idleWatts, double computeWatts, double transmitWatts, double receiveWatts) {
  /** A small robot's board: waiting for the radio, and computing, as measured on Jetson-class robots. */
  public static final Power ROBOT = new Power(4.8, 10, 5.6, 5.2);

  public Power {
    if (!(idleWatts >= 0 && computeWatts >= idleWatts && transmitWatts >= idleWatts && receiveWatts >= idleWatts))
      throw new IllegalArgumentException(
          "power: idle %s, compute %s, transmit %s, receive %s W (expected: none below idle, idle not negative)"
              .formatted(idleWatts, computeWatts, transmitWatts, receiveWatts));
  }
}
