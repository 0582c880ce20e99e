/** {@code tilestream doctor}: whether a machine can be a good member of a fleet, and what to do where it can't. */
package dev.tilestream.cli.doctor;
