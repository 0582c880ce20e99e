/**
 * The command line: one class per command, picocli on top. Exit status 0: done, 1: failed, 2: wrong usage. What was asked for goes to
 * standard output, everything else to standard error.
 */
package dev.tilestream.cli;
