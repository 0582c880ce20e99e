package dev.tilestream.fuzz;

import java.util.concurrent.Callable;

/**
 * One case.
 *
 * @param input as the product gets it; kept when it is a finding
 * @param reading feeds it to the product, again if called again, and returns how it ended, in a word: {@link #TAKEN}, or what a documented
 *     refusal was about. What it throws is a finding.
 */
public record Trial(byte[] input, Callable<String> reading) {
  /** The input was valid. */
  public static final String TAKEN = "taken";
}
