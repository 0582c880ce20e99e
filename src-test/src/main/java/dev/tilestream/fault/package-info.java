/**
 * Faults on fleets of real processes, under load, and what becomes of the requests. A {@link dev.tilestream.fault.Ground} says where a fleet's
 * nodes run and how its air is cut: namespaces with one shaped air where root allows, else this machine's loopback with emulated links.
 */
package dev.tilestream.fault;
