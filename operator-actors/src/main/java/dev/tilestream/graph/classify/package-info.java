/**
 * Turns a plain graph with static shapes into an {@link dev.tilestream.graph.OperatorGraph}: a split axis for every tensor, local or
 * global for every operator, and the stages that operators form.
 */
package dev.tilestream.graph.classify;
