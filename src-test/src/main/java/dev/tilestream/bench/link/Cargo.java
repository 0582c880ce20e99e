package dev.tilestream.bench.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.DeploymentId;
import dev.tilestream.tensor.Parcel;
import dev.tilestream.tensor.RowSpan;
import dev.tilestream.tensor.TensorSlice;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Cargo of rows of 4 KiB, and their way to the peer. */
final class Cargo {
  /** What they are made of. */
  enum Kind {
    /** Nothing can make it smaller. */
    NOISE,
    /** What a rectifier leaves: half of it zeros. */
    RECTIFIED;

    float next(SplittableRandom random) {
      if (this == NOISE) return Float.intBitsToFloat(random.nextInt());
      double gauss = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
      return (float) Math.max(0, gauss);
    }
  }

  private static final DeploymentId DEPLOYMENT = new DeploymentId(1, 1);

  private final LinkEnd end;
  private final BlockingQueue<Echo.Answer> answers = new LinkedBlockingQueue<>();
  private final ActorRef<Echo.Answer> listener;
  private long sequence;

  Cargo(LinkEnd end) {
    this.end = end;
    listener = end.spawn("transfers", Behaviors.receiveMessage(answer -> {
      answers.add(answer);
      return Behaviors.same();
    }));
  }

  /** One tensor to send again and again; nobody waits for it at the peer, which drops it. */
  final class Supply implements AutoCloseable {
    private final TensorSlice slice;

    private Supply(TensorSlice slice) {
      this.slice = slice;
    }

    long bytes() {
      return slice.bytes();
    }

    void send() {
      end.host.courier().send("peer", new Parcel(DEPLOYMENT, Echo.inference(++sequence), Parcel.SINK, 0, slice.retain()));
    }

    @Override
    public void close() {
      slice.release();
    }
  }

  Supply supply(Kind kind, int rows) {
    return new Supply(make(kind, rows));
  }

  /** Seconds from handing a tensor to its link until the word is back that it is there, joined. */
  double transfer(String peer, String kind, int rows) throws InterruptedException {
    TensorSlice slice = make(Kind.valueOf(kind.toUpperCase(Locale.ROOT)), rows);
    long expected = ++sequence;
    end.<Echo.Command>remote(peer, "echo").tell(new Echo.Expect(expected, rows, listener));
    await(new Echo.Ready(expected));
    long start = System.nanoTime();
    end.host.courier().send("peer", new Parcel(DEPLOYMENT, Echo.inference(expected), Parcel.SINK, 0, slice));
    await(new Echo.There(expected));
    return (System.nanoTime() - start) * 1e-9;
  }

  private void await(Echo.Answer expected) throws InterruptedException {
    Echo.Answer answer = answers.poll(LinkEnd.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!expected.equals(answer)) throw new IllegalStateException("answer: %s (expected: %s)".formatted(answer, expected));
  }

  private TensorSlice make(Kind kind, int rows) {
    TensorSlice slice = TensorSlice.allocate(end.host.pool(), 0, DataType.FLOAT32, Echo.shape(rows), 0, RowSpan.first(rows));
    SplittableRandom random = new SplittableRandom(rows);
    ByteBuffer data = slice.data();
    while (data.hasRemaining()) data.putInt(Float.floatToRawIntBits(kind.next(random)));
    return slice;
  }
}
