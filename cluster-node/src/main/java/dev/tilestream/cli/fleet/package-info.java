/** A fleet on this machine: every node a process of its own, started, watched and stopped together. */
package dev.tilestream.cli.fleet;
