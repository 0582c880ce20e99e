/** The models of the cluster: loaded by name at any node, spread by content hash, imported and measured wherever they may run. */
package dev.tilestream.models;
