/** A source with everything real behind it: importer, kernels, tiles, links. */
package dev.tilestream.scheduler;
