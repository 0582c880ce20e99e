/**
 * What planning knows of the world: how long a device takes for a stage, what it draws, how fast the links are. Records, which nodes
 * exchange, and the profiler that measures this device.
 */
package dev.tilestream.scheduler.profile;
