package dev.tilestream.node;

import dev.tilestream.api.ApiBackend;
import dev.tilestream.api.NodeView;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.PlanReport;
import dev.tilestream.tensor.BufferPool;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * From the HTTP face, which stays for the life of the process, to whichever start of the node serves now. Between two of them, requests and
 * loads wait, and what is only looked at is that of the start before. Thread-safe.
 */
final class Relay {
  private final NodeSettings settings;
  private final Turnstile turnstile;
  private final Duration patience;
  private volatile ApiBackend last;
  private volatile CompletableFuture<ApiBackend> serving = new CompletableFuture<>();
  private volatile boolean closed;

  /**
   * @param room how many requests may wait for a start of the node
   * @param patience how long each may wait
   */
  Relay(NodeSettings settings, int room, Duration patience) {
    this.settings = settings;
    this.patience = patience;
    turnstile = new Turnstile(settings.name(), room, patience);
  }

  /** {@code backend} serves from now on. */
  void open(ApiBackend backend) {
    last = backend;
    serving.complete(backend);
    turnstile.open(backend.service());
  }

  /** Nobody serves from now on, but somebody will; completes when what is under way has ended. */
  CompletionStage<Void> hold() {
    if (serving.isDone()) serving = new CompletableFuture<>();
    return turnstile.hold();
  }

  /** Nobody will serve any more; completes when what is under way has ended. */
  CompletionStage<Void> close() {
    closed = true;
    return turnstile.close();
  }

  /** Whether requests are answered, or will be soon. */
  boolean ready() {
    ApiBackend now = last;
    return !closed && now != null && (!serving.isDone() || now.node().ready());
  }

  /** @param pool where requests' inputs are put; outlives every start of the node */
  ApiBackend face(BufferPool pool) {
    return new ApiBackend(turnstile, new Models(), this::config, new View(), this::plans, pool);
  }

  private ModelConfig config(ModelStatus model) {
    return ask(backend -> backend.configs().apply(model), ModelConfig.NONE);
  }

  private CompletionStage<List<PlanReport>> plans(Optional<String> model) {
    return whenServing(backend -> backend.plans().apply(model));
  }

  private <T> T ask(Function<ApiBackend, T> question, T otherwise) {
    ApiBackend now = last;
    return now == null ? otherwise : question.apply(now);
  }

  private <T> CompletionStage<T> whenServing(Function<ApiBackend, CompletionStage<T>> question) {
    return serving.copy()
        .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(late -> {
          throw new InferenceFailure(
              InferenceFailure.Kind.BUSY, "node %s has not begun to serve within %s".formatted(settings.name(), patience));
        })
        .thenCompose(question);
  }

  private final class View implements NodeView {
    @Override
    public String name() {
      return settings.name();
    }

    @Override
    public String role() {
      return settings.role().word();
    }

    @Override
    public boolean ready() {
      return Relay.this.ready();
    }

    @Override
    public List<Member> members() {
      return ask(backend -> backend.node().members(), List.of());
    }
  }

  private final class Models implements ModelControl {
    @Override
    public List<ModelStatus> models() {
      return ask(backend -> backend.models().models(), List.of());
    }

    @Override
    public Optional<ModelStatus> model(String name, Optional<String> version) {
      return ask(backend -> backend.models().model(name, version), Optional.empty());
    }

    @Override
    public CompletionStage<ModelStatus> load(String name, Optional<String> version) {
      return whenServing(backend -> backend.models().load(name, version));
    }

    @Override
    public CompletionStage<ModelStatus> loadMeasured(String name, Optional<String> version) {
      return whenServing(backend -> backend.models().loadMeasured(name, version));
    }

    @Override
    public CompletionStage<ModelStatus> unload(String name, Optional<String> version) {
      return whenServing(backend -> backend.models().unload(name, version));
    }
  }
}
