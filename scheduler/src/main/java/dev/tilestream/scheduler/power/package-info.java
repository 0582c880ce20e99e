/** What this machine draws, where it has sensors: which there are, watts and joules over time, an inference's part of them. */
package dev.tilestream.scheduler.power;
