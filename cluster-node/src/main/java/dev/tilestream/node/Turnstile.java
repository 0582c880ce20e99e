package dev.tilestream.node;

import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceFailure.Kind;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.tensor.TensorSlice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Lets requests through to the service that is open now. While there is none, because the node starts anew, they wait, so many and so long at
 * most; one that the service before could not finish any more is asked again of the next. Thread-safe.
 */
final class Turnstile implements InferenceService {
  /** A request that fails at so many services in a row is answered with that. */
  private static final int MOST_TRIES = 3;

  private static final class Visit {
    private final InferenceRequest request;
    private final CompletableFuture<InferenceAnswer> answer = new CompletableFuture<>();
    private final long cameNanos = System.nanoTime();
    private int tries;

    private Visit(InferenceRequest request) {
      this.request = request;
    }

    /** Of its deadline, if it has one; what waiting took is gone. */
    private Optional<Duration> left() {
      return request.deadline().map(d -> d.minusNanos(System.nanoTime() - cameNanos));
    }

    private void fail(Throwable why) {
      request.release();
      answer.completeExceptionally(why);
    }
  }

  private final String node;
  private final int room;
  private final Duration patience;
  private final Set<Visit> waiting = new LinkedHashSet<>();
  /** Null while nothing is let through. */
  private InferenceService open;
  private boolean closed;
  private int inside;
  private CompletableFuture<Void> empty = CompletableFuture.completedFuture(null);

  /**
   * @param node its name, for those who are refused
   * @param room how many may wait
   * @param patience how long each may wait
   */
  Turnstile(String node, int room, Duration patience) {
    this.node = node;
    this.room = room;
    this.patience = patience;
  }

  /** Lets requests through to {@code service}, those first that wait. */
  void open(InferenceService service) {
    List<Visit> now;
    synchronized (this) {
      if (closed) return;
      open = service;
      now = new ArrayList<>(waiting);
      waiting.clear();
      if (!now.isEmpty()) entered(now.size());
    }
    now.forEach(visit -> run(visit, service));
  }

  /** Lets nothing through from now on; completes when what is inside has ended. */
  synchronized CompletionStage<Void> hold() {
    open = null;
    return empty.copy();
  }

  /** Refuses everything from now on, with the advice to come back; completes when what is inside has ended. */
  CompletionStage<Void> close() {
    List<Visit> refused;
    CompletionStage<Void> ended;
    synchronized (this) {
      closed = true;
      open = null;
      refused = new ArrayList<>(waiting);
      waiting.clear();
      ended = empty.copy();
    }
    refused.forEach(visit -> visit.fail(leaving()));
    return ended;
  }

  @Override
  public CompletionStage<InferenceAnswer> infer(InferenceRequest request) {
    Visit visit = new Visit(request);
    enter(visit);
    return visit.answer;
  }

  private void enter(Visit visit) {
    InferenceService service;
    Optional<InferenceFailure> refusal = Optional.empty();
    synchronized (this) {
      service = open;
      if (closed) refusal = Optional.of(leaving());
      else if (service != null) entered(1);
      else if (waiting.size() < room) waiting.add(visit);
      else refusal = Optional.of(new InferenceFailure(Kind.BUSY, "node %s starts anew and %d requests wait".formatted(node, room)));
    }
    if (refusal.isPresent()) visit.fail(refusal.get());
    else if (service != null) run(visit, service);
    else CompletableFuture.delayedExecutor(wait(visit).toNanos(), TimeUnit.NANOSECONDS).execute(() -> expire(visit));
  }

  private Duration wait(Visit visit) {
    return visit.left().filter(d -> d.compareTo(patience) < 0).orElse(patience);
  }

  private void expire(Visit visit) {
    synchronized (this) {
      if (!waiting.remove(visit)) return;
    }
    visit.fail(late(visit).orElseGet(
        () -> new InferenceFailure(Kind.BUSY, "node %s starts anew and has not begun to serve within %s".formatted(node, patience))));
  }

  private Optional<InferenceFailure> late(Visit visit) {
    if (visit.left().filter(d -> d.isNegative() || d.isZero()).isEmpty()) return Optional.empty();
    return Optional.of(new InferenceFailure(
        Kind.LATE, "the deadline of %d ms passed while node %s started anew".formatted(visit.request.deadline().orElseThrow().toMillis(), node)));
  }

  private synchronized void entered(int visits) {
    if (inside == 0) empty = new CompletableFuture<>();
    inside += visits;
  }

  private void run(Visit visit, InferenceService service) {
    visit.tries++;
    CompletionStage<InferenceAnswer> answer;
    try {
      answer = late(visit).<CompletionStage<InferenceAnswer>>map(CompletableFuture::failedFuture).orElseGet(() -> ask(visit, service));
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete((value, failure) -> ended(visit, service, value, failure));
  }

  private static CompletionStage<InferenceAnswer> ask(Visit visit, InferenceService service) {
    // The service releases what it is given; this reference is for the next one, should there have to be one.
    visit.request.inputs().values().forEach(TensorSlice::retain);
    return service.infer(visit.left().map(visit.request::within).orElse(visit.request));
  }

  private void ended(Visit visit, InferenceService service, InferenceAnswer value, Throwable failure) {
    boolean again;
    CompletableFuture<Void> nobodyInside = null;
    synchronized (this) {
      again = failure != null && service != open && !closed && visit.tries < MOST_TRIES && notItsOwnFault(failure);
      if (--inside == 0) nobodyInside = empty;
    }
    if (again) {
      enter(visit);
    } else if (failure != null) {
      visit.fail(failure);
    } else {
      visit.request.release();
      visit.answer.complete(value);
    }
    if (nobodyInside != null) nobodyInside.complete(null);
  }

  private static boolean notItsOwnFault(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    return !(cause instanceof InferenceFailure f) || f.kind() == Kind.BUSY || f.kind() == Kind.BROKEN;
  }

  private InferenceFailure leaving() {
    return new InferenceFailure(Kind.BUSY, "node %s leaves the fleet".formatted(node));
  }
}
