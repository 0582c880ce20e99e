/**
 * Runs plans on paper: a deterministic discrete-event simulation with the runtime's own rules of lanes, links and routes. Pure.
 */
package dev.tilestream.scheduler.simulate;
