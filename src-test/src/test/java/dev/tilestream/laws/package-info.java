/** Laws that hold for any model and any split, tried on hundreds of seeded random graphs. A failure names its seed. */
package dev.tilestream.laws;
