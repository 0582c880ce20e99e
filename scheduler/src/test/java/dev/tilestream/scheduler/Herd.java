package dev.tilestream.scheduler;

/** Everyone decides at the same moments by what servers said last: what must not happen. */
final class Herd implements Crowd.Policy {
  private final Crowd crowd;
  private final int[] plans;
  private double next;

  Herd(Crowd crowd) {
    this.crowd = crowd;
    plans = new int[crowd.robots.size()];
  }

  @Override
  public void told(double now) {
    if (now < next) return;
    next = now + 1;
    for (Crowd.Robot r : crowd.robots) {
      double least = Double.POSITIVE_INFINITY;
      for (int p = 0; p < r.plans.size(); p++) {
        int server = r.uses.get(p).server();
        double expected = r.alone.get(p) + (server < 0 ? 0 : crowd.loads[server].contention(r.index).waitSeconds());
        if (expected < least) {
          least = expected;
          plans[r.index] = p;
        }
      }
    }
  }

  @Override
  public int choose(Crowd.Robot robot, double now) {
    return plans[robot.index];
  }
}
