/**
 * Planners: which device computes which rows of which stages. A plan is first a {@link dev.tilestream.scheduler.plan.Layout}, a few
 * numbers that a search can vary, which becomes tiles with exact halos and is judged by the simulator. Pure: no clock, no randomness.
 */
package dev.tilestream.scheduler.plan;
