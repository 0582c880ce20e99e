/**
 * Tensors between machines: the binary form of a {@link dev.tilestream.tensor.Parcel}, its reader that trusts nothing, and how both are
 * hooked into Akka. The codec itself ({@link dev.tilestream.tensor.wire.ParcelCodec}) knows nothing of Akka.
 *
 * <h2>Who releases a parcel</h2>
 *
 * A parcel that was told to an actor is given away; the sender must not touch its slice again (and calls {@code rows().retain()} first
 * if it wants to keep the memory). From then on exactly one of these releases it:
 *
 * <ul>
 *   <li>the receiver is in this actor system: the receiver. Nothing is serialized, nothing copied.
 *   <li>the receiver is remote: {@link dev.tilestream.tensor.wire.ParcelSerializer}, once the bytes stand in the transport's buffer.
 *       That happens later, on a thread of the transport. On the other side it reads into fresh pooled memory, which the receiver there
 *       releases; without memory that receiver gets an {@link dev.tilestream.tensor.wire.UnreadParcel}.
 *   <li>it never reached a receiver or the serializer (actor gone, send queue full, peer quarantined, larger than a frame): Akka
 *       publishes it as a dead letter, and {@link dev.tilestream.tensor.wire.TensorMemory} releases it.
 * </ul>
 *
 * Parcels are told to actor references and not wrapped in other messages (nor sent to actor selections, which wrap), because the last of
 * these only finds bare ones. What was given to a system that then terminates is freed by the garbage collector.
 */
package dev.tilestream.tensor.wire;
