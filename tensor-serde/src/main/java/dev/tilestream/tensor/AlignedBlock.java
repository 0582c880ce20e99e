package dev.tilestream.tensor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;

/**
 * Direct memory that starts on a cache line and is given back to the machine when asked, not when the garbage collector gets to it.
 *
 * @param allocation what the JVM allocated and frees
 * @param bytes the aligned part of it
 */
record AlignedBlock(ByteBuffer allocation, ByteBuffer bytes) {
  private static final int ALIGNMENT = 64;
  private static final MethodHandle INVOKE_CLEANER = invokeCleaner();

  static AlignedBlock allocate(int size) {
    ByteBuffer allocation = ByteBuffer.allocateDirect(size + ALIGNMENT);
    return new AlignedBlock(allocation, allocation.alignedSlice(ALIGNMENT).limit(size).slice());
  }

  /** No view of this block may be touched afterwards. */
  void free() {
    try {
      INVOKE_CLEANER.invokeExact(allocation);
    } catch (Throwable e) {
      throw new IllegalStateException("native memory: not freed", e);
    }
  }

  /** {@code sun.misc.Unsafe.invokeCleaner}: the one supported way to free a direct buffer by hand on Java 17. */
  private static MethodHandle invokeCleaner() {
    try {
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      Field instance = unsafe.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      return MethodHandles.lookup()
          .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
          .bindTo(instance.get(null));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
