package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.client.TensorBytes;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of one node that do not mind what it answers: each stream asks at its own rate, however long answers take, or has a fixed number of
 * requests out. Refusals count as answers of another kind.
 */
final class Pressure {
  /** Of one stream, so that a node that answers nothing does not eat this machine's sockets. */
  private static final int MOST_OUT = 400;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI target;
  private final List<TensorBytes> input;
  private final String strategy;

  /** @param node where it serves HTTP */
  Pressure(URI node, String model, List<TensorBytes> input, String strategy) {
    target = node.resolve("/v2/models/" + model + "/infer");
    this.input = input;
    this.strategy = strategy;
  }

  /**
   * A stream of requests.
   *
   * @param perSecond how many are asked for
   */
  record Stream(String name, double perSecond) {}

  /** Has {@code atOnce} requests out all the time. */
  StreamTally closed(int atOnce, Duration howLong) throws InterruptedException {
    StreamTally tally = new StreamTally("all", Double.NaN);
    HttpRequest request = request("all");
    long start = System.nanoTime();
    long end = start + howLong.toNanos();
    Semaphore out = new Semaphore(atOnce);
    while (System.nanoTime() - end < 0) {
      out.acquire();
      send(request, tally, out, end);
    }
    out.acquire(atOnce);
    tally.over(howLong);
    return tally;
  }

  /** All streams ask, each at its rate; returns when the last request is answered. What comes after the end of the time does not count. */
  List<StreamTally> open(List<Stream> streams, Duration howLong) throws InterruptedException {
    long start = System.nanoTime();
    long end = start + howLong.toNanos();
    List<StreamTally> tallies = streams.stream().map(s -> new StreamTally(s.name, s.perSecond)).toList();
    List<Thread> threads = java.util.stream.IntStream.range(0, streams.size())
        .mapToObj(s -> new Thread(() -> ask(streams.get(s), tallies.get(s), start, end), "stream-" + streams.get(s).name)).toList();
    threads.forEach(Thread::start);
    for (Thread t : threads) t.join();
    tallies.forEach(t -> t.over(howLong));
    return tallies;
  }

  private void ask(Stream stream, StreamTally tally, long start, long end) {
    HttpRequest request = request(stream.name);
    Semaphore out = new Semaphore(MOST_OUT);
    for (long n = 0; ; n++) {
      long at = start + (long) (n / stream.perSecond * 1e9);
      if (at - end >= 0) break;
      while (at - System.nanoTime() > 0) LockSupport.parkNanos(at - System.nanoTime());
      if (out.tryAcquire()) send(request, tally, out, end);
      else tally.unsent();
    }
    out.acquireUninterruptibly(MOST_OUT);
  }

  private void send(HttpRequest request, StreamTally tally, Semaphore out, long end) {
    long begun = System.nanoTime();
    CompletableFuture<HttpResponse<byte[]>> sent = http.sendAsync(request, BodyHandlers.ofByteArray());
    sent.whenComplete((response, failure) -> {
      long now = System.nanoTime();
      if (now - end < 0) tally.ended(failure == null ? response.statusCode() : 0, retryAfter(response), (now - begun) * 1e-6);
      out.release();
    });
  }

  private static long retryAfter(HttpResponse<byte[]> response) {
    return response == null ? 0 : response.headers().firstValueAsLong("Retry-After").orElse(0);
  }

  private HttpRequest request(String stream) {
    ObjectNode header = new ObjectMapper().createObjectNode();
    header.putObject("parameters").put("binary_data_output", true).put("strategy", strategy).put("sequence_id", stream);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (TensorBytes tensor : input) {
      ObjectNode entry = header.withArray("inputs").addObject().put("name", tensor.name()).put("datatype", tensor.type().protocolName());
      tensor.shape().forEach(entry.putArray("shape")::add);
      byte[] bytes = new byte[tensor.data().remaining()];
      tensor.data().duplicate().get(bytes);
      entry.putObject("parameters").put("binary_data_size", bytes.length);
      body.writeBytes(bytes);
    }
    byte[] head = header.toString().getBytes(StandardCharsets.UTF_8);
    return HttpRequest.newBuilder(target)
        .timeout(PATIENCE)
        .header("Content-Type", "application/octet-stream")
        .header("Inference-Header-Content-Length", Integer.toString(head.length))
        .POST(BodyPublishers.ofByteArrays(List.of(head, body.toByteArray())))
        .build();
  }
}
