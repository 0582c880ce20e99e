/** Members of a cluster in one process, over real sockets. */
package dev.tilestream.node;
