/** What runs where: tiles, plans and the routes between tiles. Pure data and pure functions; planners in module scheduler make plans. */
package dev.tilestream.plan;
