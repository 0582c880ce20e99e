package dev.tilestream.cli.doctor;

/**
 * One thing that was looked at.
 *
 * @param what was found
 * @param advice what to do; empty when it is good
 */
public record Finding(String topic, Level level, String what, String advice) {
  /** How good it is. */
  public enum Level {
    GOOD("ok"),
    /** It works, but slower or less safely than it could. */
    DOUBTFUL("look"),
    /** It does not work. */
    BAD("bad");

    private final String word;

    Level(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  static Finding good(String topic, String what) {
    return new Finding(topic, Level.GOOD, what, "");
  }

  static Finding doubtful(String topic, String what, String advice) {
    return new Finding(topic, Level.DOUBTFUL, what, advice);
  }

  static Finding bad(String topic, String what, String advice) {
    return new Finding(topic, Level.BAD, what, advice);
  }
}
