/** One member of the fleet: settings, actor system, membership, sessions, models, and the wiring of everything else. */
package dev.tilestream.node;
