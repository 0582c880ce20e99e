package dev.tilestream.api;

/**
 * An output that a request asks for, and in which form.
 *
 * @param classes how many of its largest numbers are told as classes, instead of all numbers; 0: all numbers are told
 */
record WantedOutput(String name, boolean binary, int classes) {
  /** All its numbers. */
  WantedOutput(String name, boolean binary) {
    this(name, binary, 0);
  }
}
