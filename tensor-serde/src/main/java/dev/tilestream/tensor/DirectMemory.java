package dev.tilestream.tensor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;

/** Gives direct buffers and memory maps back when asked, not when the garbage collector gets to them. */
public final class DirectMemory {
  private static final MethodHandle INVOKE_CLEANER = invokeCleaner();

  private DirectMemory() {}

  /** @param allocation as allocated or mapped, no view of it; neither it nor any view may be touched afterwards */
  public static void free(ByteBuffer allocation) {
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
