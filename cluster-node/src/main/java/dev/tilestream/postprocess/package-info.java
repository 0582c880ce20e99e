/** What a model's outputs mean: classes with their labels, or boxes in the picture that was asked about. Pure. */
package dev.tilestream.postprocess;
