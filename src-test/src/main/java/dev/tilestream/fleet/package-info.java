/** Fleets of real processes for tests: started by the launcher, spoken to over HTTP, measured from outside. */
package dev.tilestream.fleet;
