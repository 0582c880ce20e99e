/** What each strategy would do with a model on devices that a file describes: figures, plans as text, and timelines as pictures. */
package dev.tilestream.cli.plan;
