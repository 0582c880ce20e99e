/** Experiments on paper: a robot walks through a trace, each strategy plans for it, the simulator tells what that takes. */
package dev.tilestream.cli.simulate;
