package dev.tilestream.picture;

import dev.tilestream.tensor.TensorSlice;

/**
 * A model's input made of a picture.
 *
 * @param tensor owned by the receiver, who releases it
 */
public record PreparedPicture(TensorSlice tensor, Placement placement) {}
