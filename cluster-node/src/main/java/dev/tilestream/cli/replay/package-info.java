/** Experiments on the real cluster: a fleet of local processes whose kernels wait and whose air follows a trace. */
package dev.tilestream.cli.replay;
