package dev.tilestream.fuzz;

import dev.tilestream.api.BodyReading;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Bodies of inference requests, JSON and binary: taken if valid, or refused by a status of the protocol; nothing is held afterwards. */
final class HttpTarget implements FuzzTarget {
  private static final Bounds BOUNDS = new Bounds(Duration.ofSeconds(20), 6 << 20, 24, 256 << 20);
  private static final List<Port> PORTS = List.of(
      new Port("x", DataType.FLOAT32, List.of(-1L, 3L)), new Port("n", DataType.INT64, List.of(-1L)), new Port("b", DataType.BOOL, List.of(2L)),
      new Port("h", DataType.FLOAT16, List.of(2L, 2L)), new Port("u", DataType.UINT8, List.of(-1L, -1L)), new Port("s", DataType.FLOAT64, List.of()),
      new Port("u64", DataType.UINT64, List.of(1L)), new Port("bf", DataType.BFLOAT16, List.of(1L, 2L)), new Port("i", DataType.INT32, List.of(0L)),
      new Port("sequence", null, List.of()));

  private final BufferPool pool = BufferPool.bounded(1 << 20, 1 << 20);
  private final BodyReading reading = new BodyReading("tilestream.api { max-body = 2 MiB, max-json = 1 MiB, heap-for-bodies = 4 MiB }", pool);

  @Override
  public String word() {
    return "http";
  }

  @Override
  public Bounds bounds() {
    return BOUNDS;
  }

  @Override
  public long nativeInUse() {
    return pool.inUse();
  }

  @Override
  public Trial draw(long seed) {
    Dice dice = new Dice(seed);
    ModelStatus model = model(dice);
    boolean binary = dice.chance(0.4);
    HostileJson writer = new HostileJson(dice, model, binary);
    byte[] json = writer.write();
    boolean whole = writer.flawless() && model.inputs().stream().noneMatch(port -> port.type() == null);
    if (dice.chance(0.3)) whole = false;
    if (!whole && dice.chance(0.4)) json = dice.breakBytes(json, new HostileJson(dice, model, binary).write());
    if (!whole && dice.chance(0.02))
      json = new String(json, StandardCharsets.UTF_8).getBytes(dice.oneOf(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE));
    byte[] tail = binary ? dice.bytes(Math.toIntExact(writer.binaryBytes())) : new byte[0];
    if (!whole && dice.chance(0.1)) tail = dice.breakBytes(tail, json);
    byte[] body = Arrays.copyOf(json, json.length + tail.length);
    System.arraycopy(tail, 0, body, json.length, tail.length);
    OptionalLong jsonLength = binary ? OptionalLong.of(Math.max(1, length(dice, json.length))) : OptionalLong.empty();
    OptionalLong bodyLength = dice.chance(0.5) ? OptionalLong.of(Math.max(0, length(dice, body.length))) : OptionalLong.empty();
    boolean valid = whole && jsonLength.orElse(json.length) == json.length && bodyLength.orElse(body.length) == body.length;
    List<byte[]> chunks = chunks(dice, body);
    return new Trial(body, () -> {
      OptionalLong refused = reading.read(model, chunks, jsonLength, bodyLength);
      if (valid && refused.isPresent()) throw new AssertionError("a valid request is refused with " + refused.getAsLong());
      return refused.isEmpty() ? Trial.TAKEN : "" + refused.getAsLong();
    });
  }

  private static ModelStatus model(Dice dice) {
    List<Port> inputs = new ArrayList<>();
    for (int i = dice.between(1, 3); i > 0; i--) {
      Port port = PORTS.get(dice.below(PORTS.size() - (dice.chance(0.1) ? 0 : 1)));
      if (!inputs.contains(port)) inputs.add(port);
    }
    return new ModelStatus("m", "1", ModelStatus.State.READY, "", inputs, List.of(PORTS.get(0), PORTS.get(1)));
  }

  private static long length(Dice dice, int right) {
    return dice.chance(0.9) ? right : dice.chance(0.5) ? right + dice.between(-3, 3) : dice.extreme();
  }

  private static List<byte[]> chunks(Dice dice, byte[] body) {
    List<byte[]> chunks = new ArrayList<>();
    int most = dice.oneOf(1, 7, 100, 4096, 65_536, Integer.MAX_VALUE);
    // A chunk a byte of a long body is slow, and nothing else.
    if (body.length > 10_000) most = Math.max(4096, most);
    for (int at = 0; at < body.length; at += most) {
      chunks.add(Arrays.copyOfRange(body, at, (int) Math.min(body.length, (long) at + most)));
      if (most > body.length - at) break;
    }
    return chunks;
  }

  @Override
  public void close() {
    pool.close();
  }
}
