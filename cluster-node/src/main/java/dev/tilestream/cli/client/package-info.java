/**
 * A client of a node's HTTP endpoint, for the commands: the Open Inference Protocol v2 with its binary tensors and its model repository.
 */
package dev.tilestream.cli.client;
