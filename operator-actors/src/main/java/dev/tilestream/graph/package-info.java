/**
 * The model as pure data: an immutable operator graph with static shapes, which operators are local along which axis, which input rows
 * an output row needs, and the stages they form. No Akka, no ND4J, no clock.
 */
package dev.tilestream.graph;
