package dev.tilestream.scheduler.power;

/**
 * Divides what a device draws between the inferences under way: each moment's joules in equal parts. So the parts of all that ever ran
 * add up to what was drawn while any did. Thread-safe.
 */
public final class EnergyShares {
  private double lastJoules;
  /** What an inference would have got that was there from the start. */
  private double each;
  private int underWay;

  /** @param joules drawn so far; @return to be given to {@link #end} */
  public synchronized double begin(double joules) {
    advance(joules);
    underWay++;
    return each;
  }

  /** Joules of the inference that began with {@code begun}. */
  public synchronized double end(double begun, double joules) {
    advance(joules);
    underWay--;
    return each - begun;
  }

  private void advance(double joules) {
    if (underWay > 0) each += Math.max(0, joules - lastJoules) / underWay;
    lastJoules = Math.max(lastJoules, joules);
  }
}
