/**
 * Hostile input, made from seeds, for everything that reads bytes from outside: {@code ./tilestream bench fuzz}. A {@link
 * dev.tilestream.fuzz.FuzzTarget} starts from valid samples and breaks them where their structure says it hurts; a {@link
 * dev.tilestream.fuzz.Campaign} runs them, one seed after another, under a deadline and a bound on what they may allocate. The same target
 * and seed are the same bytes again.
 */
package dev.tilestream.fuzz;
