package dev.tilestream.api;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.tilestream.plan.Strategy;
import dev.tilestream.repository.ModelConfig;
import dev.tilestream.repository.ModelId;
import dev.tilestream.repository.ModelRepository;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceFailure.Kind;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import dev.tilestream.scheduler.ModelControl;
import dev.tilestream.scheduler.ModelStatus;
import dev.tilestream.scheduler.ModelStatus.Port;
import dev.tilestream.tensor.BufferPool;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import dev.tilestream.tensor.TensorSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One machine that runs whole models of a repository in ONNX Runtime: the simplest thing that serves inferences for real. */
final class WholeModelService implements InferenceService, ModelControl, AutoCloseable {
  /** A stream that is refused whatever it asks. */
  static final String FULL_STREAM = "full";

  private record Loaded(OrtSession session, ModelStatus status) {}

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final ModelRepository repository;
  private final BufferPool pool;
  private final Map<ModelId, Loaded> loaded = new ConcurrentHashMap<>();
  private final Set<ModelId> unloaded = ConcurrentHashMap.newKeySet();
  private final ExecutorService lane = Executors.newSingleThreadExecutor();

  WholeModelService(ModelRepository repository, BufferPool pool) {
    this.repository = repository;
    this.pool = pool;
  }

  ModelConfig config(ModelStatus model) {
    try {
      return repository.config(new ModelId(model.name(), model.version()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public CompletionStage<InferenceAnswer> infer(InferenceRequest request) {
    long start = System.nanoTime();
    return CompletableFuture.supplyAsync(() -> {
      try {
        InferenceAnswer answer = run(request, start);
        Duration deadline = request.deadline().orElse(Duration.ofMinutes(1));
        if (answer.latency().compareTo(deadline) <= 0) return answer;
        answer.release();
        throw new InferenceFailure(Kind.LATE, "answer after %s (expected: within %s)".formatted(answer.latency(), deadline));
      } catch (OrtException e) {
        throw new InferenceFailure(Kind.BROKEN, e.getMessage(), Duration.ZERO, e);
      } finally {
        request.release();
      }
    }, lane);
  }

  @Override
  public Optional<InferenceFailure> refusal(String model, String stream) {
    return stream.equals(FULL_STREAM) ? Optional.of(InferenceFailure.busy("it is full", Duration.ofMillis(6500))) : Optional.empty();
  }

  private InferenceAnswer run(InferenceRequest request, long start) throws OrtException {
    Loaded model = loaded.get(new ModelId(request.model(), request.version().orElseThrow()));
    if (model == null) throw new InferenceFailure(Kind.NOT_FOUND, "model %s: not loaded".formatted(request.model()));
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, TensorSlice> input : request.inputs().entrySet()) inputs.put(input.getKey(), tensor(input.getValue()));
      try (OrtSession.Result result = model.session.run(inputs)) {
        Map<String, TensorSlice> outputs = new LinkedHashMap<>();
        for (Port port : model.status.outputs())
          if (request.outputs().isEmpty() || request.outputs().contains(port.name()))
            outputs.put(port.name(), slice((OnnxTensor) result.get(port.name()).orElseThrow()));
        Strategy strategy = request.strategy().orElse(Strategy.LOCAL);
        Duration latency = Duration.ofNanos(System.nanoTime() - start);
        List<InferenceAnswer.TimelineEntry> timeline =
            List.of(new InferenceAnswer.TimelineEntry("here", "whole model", 0, latency.toNanos() / 1e6));
        return new InferenceAnswer(model.status.version(), outputs, strategy, List.of("here"), latency,
            new InferenceAnswer.Prediction("whole", latency, Double.NaN), 0, true,
            request.timeline() ? timeline : List.of());
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(TensorSlice slice) throws OrtException {
    return OnnxTensor.createTensor(environment, slice.data(), slice.shape().toLongs(), javaType(slice.type()));
  }

  private TensorSlice slice(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    Shape shape = Shape.of(info.getShape());
    TensorSlice slice = TensorSlice.allocate(pool, 0, type(info).orElseThrow(), shape, -1, TensorSlice.all(shape, -1));
    ByteBuffer bytes = tensor.getByteBuffer();
    slice.data().put(bytes);
    return slice;
  }

  /** By name: the numbers in ONNX Runtime's Java face are its own. */
  private static Optional<DataType> type(TensorInfo info) {
    String name = info.onnxType.name().replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "");
    String ours = switch (name) {
      case "FLOAT" -> "FLOAT32";
      case "DOUBLE" -> "FLOAT64";
      default -> name;
    };
    return Arrays.stream(DataType.values()).filter(t -> t.name().equals(ours)).findFirst();
  }

  private static OnnxJavaType javaType(DataType type) {
    return switch (type) {
      case FLOAT32 -> OnnxJavaType.FLOAT;
      case FLOAT64 -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case BOOL -> OnnxJavaType.BOOL;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      default -> throw new InferenceFailure(Kind.BROKEN, "%s: the Java face of ONNX Runtime cannot hold it".formatted(type));
    };
  }

  @Override
  public List<ModelStatus> models() {
    try {
      return repository.list().stream().map(this::status).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ModelStatus status(ModelId id) {
    Loaded model = loaded.get(id);
    String reason = unloaded.contains(id) ? "unloaded" : "";
    return model != null ? model.status : new ModelStatus(id.name(), id.version(), ModelStatus.State.UNLOADED, reason, List.of(), List.of());
  }

  @Override
  public Optional<ModelStatus> model(String name, Optional<String> version) {
    List<ModelStatus> all = models().stream().filter(m -> m.name().equals(name) && version.map(m.version()::equals).orElse(true)).toList();
    Optional<ModelStatus> ready = all.stream().filter(m -> m.state() == ModelStatus.State.READY).reduce((a, b) -> b);
    return ready.isPresent() ? ready : all.stream().reduce((a, b) -> b);
  }

  @Override
  public CompletionStage<ModelStatus> load(String name, Optional<String> version) {
    return CompletableFuture.supplyAsync(() -> {
      ModelId id = find(name, version);
      try {
        OrtSession session = environment.createSession(repository.model(id).toString(), new OrtSession.SessionOptions());
        ModelStatus status = new ModelStatus(name, id.version(), ModelStatus.State.READY, "",
            ports(session.getInputInfo().values()), ports(session.getOutputInfo().values()));
        loaded.put(id, new Loaded(session, status));
        unloaded.remove(id);
        return status;
      } catch (OrtException e) {
        throw new InferenceFailure(Kind.BAD_REQUEST, "model %s: %s".formatted(id, e.getMessage()), Duration.ZERO, e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }, lane);
  }

  @Override
  public CompletionStage<ModelStatus> loadMeasured(String name, Optional<String> version) {
    return load(name, version);
  }

  @Override
  public CompletionStage<ModelStatus> unload(String name, Optional<String> version) {
    return CompletableFuture.supplyAsync(() -> {
      ModelId id = find(name, version);
      unloaded.add(id);
      Loaded old = loaded.remove(id);
      if (old != null) close(old);
      return status(id);
    }, lane);
  }

  private ModelId find(String name, Optional<String> version) {
    try {
      String called = name + version.map(v -> " version " + v).orElse("");
      return repository.find(name, version)
          .orElseThrow(() -> new InferenceFailure(Kind.NOT_FOUND, "model %s: not in the repository".formatted(called)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Port> ports(Collection<NodeInfo> nodes) {
    List<Port> ports = new ArrayList<>();
    for (NodeInfo node : nodes) {
      Optional<DataType> type = node.getInfo() instanceof TensorInfo info ? type(info) : Optional.empty();
      List<Long> dims = new ArrayList<>();
      if (type.isPresent()) for (long dim : ((TensorInfo) node.getInfo()).getShape()) dims.add(dim);
      ports.add(new Port(node.getName(), type.orElse(null), dims));
    }
    return ports;
  }

  private static void close(Loaded model) {
    try {
      model.session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    lane.shutdownNow();
    loaded.values().forEach(WholeModelService::close);
  }
}
