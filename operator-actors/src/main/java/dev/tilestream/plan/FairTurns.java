package dev.tilestream.plan;

/**
 * Who is next on a lane that several sources share: one rule for the lanes that serve them and for the simulator that predicts them.
 *
 * <p>The lane's time goes in rounds. In each a source has one turn, so much time of kernels; what it takes beyond it counts in the rounds
 * behind. Of one round the older inference goes first. So inferences shorter than a turn run whole, in the order in which they came, and a
 * source that never stops asking holds each other one up for a turn and a kernel, whatever it asks. A turn that is not used is not kept, and
 * time that nobody else wanted is owed to nobody.
 *
 * <p>This is start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM 1996) with its tags rounded down to turns and moved by what kernels took.
 * Not thread-safe.
 */
public final class FairTurns {
  /** A turn: some inferences of a quick device, a part of one of a slow device. What a robot that asks seldom waits for one that floods. */
  public static final long TURN_NANOS = 50_000_000;

  /** What one source has had. */
  public static final class Account {
    private long round;
    private long usedNanos;
  }

  private final long turnNanos;
  private long round;

  /** @param turnNanos of one source in a round, above 0 */
  public FairTurns(long turnNanos) {
    if (turnNanos < 1) throw new IllegalArgumentException("turn: %d ns (expected: at least 1)".formatted(turnNanos));
    this.turnNanos = turnNanos;
  }

  /** The source has something waiting, and had nothing before. */
  public void enter(Account source) {
    if (source.round >= round) return;
    source.round = round;
    source.usedNanos = 0;
  }

  /** Whether {@code a}, whose oldest inference has seniority {@code ageA}, goes before {@code b}. */
  public static boolean before(Account a, long ageA, Account b, long ageB) {
    return a.round != b.round ? a.round < b.round : ageA < ageB;
  }

  /** The source is next: nobody joins an earlier round any more. */
  public void serve(Account source) {
    round = Math.max(round, source.round);
  }

  /** Its kernel took so long. */
  public void charge(Account source, long nanos) {
    source.usedNanos += nanos;
    source.round += source.usedNanos / turnNanos;
    source.usedNanos %= turnNanos;
  }
}
