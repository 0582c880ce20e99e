package dev.tilestream.cli;

import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.WrittenObjective;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.TypeConversionException;

/** What plans are chosen for, on the command line: {@link WrittenObjective}. */
final class ObjectiveWord {
  private ObjectiveWord() {}

  /** @throws TypeConversionException that says what came and what was expected */
  static Objective parse(String text) {
    return written(text).within(Optional.empty());
  }

  /** @throws TypeConversionException that says what came and what was expected */
  static WrittenObjective written(String text) {
    try {
      return WrittenObjective.parse(text.strip().toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
