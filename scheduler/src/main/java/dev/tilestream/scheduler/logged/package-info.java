/**
 * What was measured on real robots, for planning and simulation: device profiles made of logged operator times, traces of a moving
 * robot's Wi-Fi, and the figures that the authors of other systems published for the same runs.
 */
package dev.tilestream.scheduler.logged;
