/** From a JPEG or PNG to a model's input: decoding within bounds, resizing, normalising. */
package dev.tilestream.picture;
