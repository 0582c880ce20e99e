/** What can be seen of a node: the names and units of its metrics, and how they reach Prometheus. */
package dev.tilestream.dashboards;
