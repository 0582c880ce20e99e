/** What JSON from outside may look like before any parser is let at it. */
package dev.tilestream.json;
