/** Faults themselves, and what fleets of real processes make of them. */
package dev.tilestream.fault;
