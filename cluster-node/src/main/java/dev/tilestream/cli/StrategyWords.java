package dev.tilestream.cli;

import dev.tilestream.plan.Strategy;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/** Several strategies on the command line: by their words, or {@link #ALL}. */
public final class StrategyWords {
  public static final String ALL = "all";

  private StrategyWords() {}

  /**
   * Those named, in the order of {@link Strategy}.
   *
   * @throws IllegalArgumentException that says what came and what was expected
   */
  public static SortedSet<Strategy> parse(Collection<String> words) {
    SortedSet<Strategy> named = new TreeSet<>();
    for (String word : words) {
      if (word.equals(ALL)) named.addAll(Arrays.asList(Strategy.values()));
      else named.add(Strategy.of(word));
    }
    return named;
  }
}
