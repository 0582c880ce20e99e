/** Streams of requests as sharded entities: admission in order, near the source, wherever in the cluster the request came in. */
package dev.tilestream.session;
