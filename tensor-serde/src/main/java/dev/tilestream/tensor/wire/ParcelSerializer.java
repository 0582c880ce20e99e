package dev.tilestream.tensor.wire;

import akka.actor.ExtendedActorSystem;
import akka.serialization.ByteBufferSerializer;
import akka.serialization.SerializerWithStringManifest;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.Parcel;
import java.io.NotSerializableException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * {@link ParcelCodec} for Akka: straight from native memory into the transport's buffer and from there into the system's {@link
 * TensorMemory}.
 *
 * <p><b>Serializing gives the parcel away:</b> its slice is released once it was written, because by then nobody else can: the transport
 * serializes on a thread of its own, after the {@code tell} returned. So a parcel is serialized at most once; a sender that wants to keep
 * the memory retains it first. A parcel too large for the transport's buffer is not released here: the transport publishes it as
 * dropped, and {@link TensorMemory} releases it like any other that reached nobody. What is deserialized belongs to the receiver.
 *
 * <p>A message that is refused ({@link WireFormatException}) is logged and dropped by the transport; the connection stays. Of one that finds
 * no memory the receiver gets an {@link UnreadParcel}: it came in its turn, and its sender is to be told.
 */
public final class ParcelSerializer extends SerializerWithStringManifest implements ByteBufferSerializer {
  /** Identifies this serializer on the wire; never to be re-used. */
  public static final int IDENTIFIER = 1_413_698_387;

  static final String MANIFEST = "P";

  private final TensorMemory memory;

  public ParcelSerializer(ExtendedActorSystem system) {
    memory = TensorMemory.of(system);
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    parcel(message);
    return MANIFEST;
  }

  @Override
  public void toBinary(Object message, ByteBuffer buffer) {
    Parcel parcel = parcel(message);
    // The transport publishes what does not fit as dropped, and that is where it is released; releasing it here would be once too often.
    if (buffer.remaining() < ParcelCodec.encodedSize(parcel)) throw new BufferOverflowException();
    try {
      ParcelCodec.write(parcel, buffer);
    } finally {
      parcel.rows().release();
    }
  }

  @Override
  public byte[] toBinary(Object message) {
    Parcel parcel = parcel(message);
    try {
      byte[] bytes = new byte[ParcelCodec.encodedSize(parcel)];
      ParcelCodec.write(parcel, ByteBuffer.wrap(bytes));
      return bytes;
    } finally {
      parcel.rows().release();
    }
  }

  @Override
  public Object fromBinary(ByteBuffer buffer, String manifest) throws NotSerializableException {
    if (!manifest.equals(MANIFEST)) throw new NotSerializableException("manifest: " + manifest + " (expected: " + MANIFEST + ")");
    try {
      return ParcelCodec.read(buffer, memory.pool(), memory.limits());
    } catch (BufferPool.Exhausted full) {
      return ParcelCodec.skip(buffer, memory.limits());
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return fromBinary(ByteBuffer.wrap(bytes), manifest);
  }

  private static Parcel parcel(Object message) {
    if (message instanceof Parcel parcel) return parcel;
    throw new IllegalArgumentException("message: " + message.getClass().getName() + " (expected: " + Parcel.class.getName() + ")");
  }
}
