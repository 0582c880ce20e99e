package dev.tilestream.session;

import akka.actor.typed.ActorSystem;
import akka.cluster.MemberStatus;
import akka.cluster.sharding.typed.ShardingEnvelope;
import akka.cluster.sharding.typed.ShardingMessageExtractor;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityRef;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import dev.tilestream.scheduler.AnswerPace;
import dev.tilestream.scheduler.InferenceAnswer;
import dev.tilestream.scheduler.InferenceFailure;
import dev.tilestream.scheduler.InferenceRequest;
import dev.tilestream.scheduler.InferenceService;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sharded sessions of a node, as a service in front of its scheduler: a request is admitted by its stream's entity, then run here,
 * where its tensors are.
 */
public final class Sessions implements InferenceService {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  static final EntityTypeKey<Session.Command> KEY = EntityTypeKey.create(Session.Command.class, "session");

  /** Names that clients give; the separator of homes is not among the characters. */
  private static final Pattern USER_STREAM = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private final InferenceService scheduler;
  private final ClusterSharding sharding;
  private final Cluster cluster;
  private final SessionSettings settings;
  private final String node;
  private final AtomicLong tickets = new AtomicLong();
  /** Requests that came in here, by stream: more than the window are refused without asking. */
  private final Map<String, Integer> underWay = new ConcurrentHashMap<>();
  private final AnswerPace pace = new AnswerPace();
  private final AtomicLong skipUntil = new AtomicLong(System.nanoTime());

  private Sessions(InferenceService scheduler, ClusterSharding sharding, Cluster cluster, SessionSettings settings, String node) {
    this.cluster = cluster;
    this.scheduler = scheduler;
    this.sharding = sharding;
    this.settings = settings;
    this.node = node;
  }

  /** Starts this node's share of the sessions. */
  public static Sessions start(ActorSystem<?> system, String node, InferenceService scheduler) {
    SessionSettings settings = SessionSettings.from(system.settings().config());
    ClusterSharding sharding = ClusterSharding.get(system);
    int shards = system.settings().config().getInt("akka.cluster.sharding.number-of-shards");
    var entity = Entity.of(KEY, context -> Session.create(settings)).withMessageExtractor(extractor(shards));
    boolean near = settings.allocation() == SessionSettings.Allocation.NEAR_SOURCE;
    sharding.init(near ? entity.withAllocationStrategy(new NearSourceAllocation()) : entity);
    return new Sessions(scheduler, sharding, Cluster.get(system), settings, node);
  }

  @Override
  public CompletionStage<InferenceAnswer> infer(InferenceRequest request) {
    if (!request.stream().isEmpty() && !USER_STREAM.matcher(request.stream()).matches()) {
      request.release();
      return CompletableFuture.failedFuture(new InferenceFailure(
          InferenceFailure.Kind.BAD_REQUEST,
          "stream: %d characters (expected: 1 to 64 of A-Z a-z 0-9 . _ -)".formatted(request.stream().length())));
    }
    String stream = entity(request.model(), request.stream());
    int now = underWay.merge(stream, 1, Integer::sum);
    return admitted(request, stream, now).whenComplete((answer, failure) -> underWay.computeIfPresent(stream, (name, n) -> n == 1 ? null : n - 1));
  }

  private CompletionStage<InferenceAnswer> admitted(InferenceRequest request, String stream, int underWayHere) {
    if (underWayHere > settings.window()) return refused(request, stream, underWayHere);
    if (!joined() || System.nanoTime() - skipUntil.get() < 0) return run(request);
    EntityRef<Session.Command> session = sharding.entityRefFor(KEY, stream);
    String ticket = node + "/" + tickets.incrementAndGet();
    return session
        .<Session.Admission>ask(replyTo -> new Session.Admit(ticket, replyTo), settings.askTimeout())
        .exceptionally(e -> withoutSession(stream))
        .thenCompose(admission -> admission.admitted()
            ? run(request).whenComplete((answer, failure) -> session.tell(new Session.Done(ticket)))
            : refused(request, stream, admission.underWay() + 1));
  }

  private CompletionStage<InferenceAnswer> run(InferenceRequest request) {
    pace.begun(System.nanoTime());
    return scheduler.infer(request).whenComplete((answer, failure) -> {
      if (failure == null) pace.answered(System.nanoTime());
      else pace.failed();
    });
  }

  private CompletionStage<InferenceAnswer> refused(InferenceRequest request, String stream, int underWayThen) {
    request.release();
    return CompletableFuture.failedFuture(refusal(stream, underWayThen));
  }

  private InferenceFailure refusal(String stream, int underWayThen) {
    String why = "stream %s: %d requests under way (expected: at most %d)".formatted(stream, underWayThen, settings.window());
    return InferenceFailure.busy(why, pace.toServe(underWayThen));
  }

  @Override
  public Optional<InferenceFailure> refusal(String model, String stream) {
    String entity = entity(model, stream);
    int now = underWay.getOrDefault(entity, 0);
    return now < settings.window() ? Optional.empty() : Optional.of(refusal(entity, now + 1));
  }

  @Override
  public Duration toServe(int requests) {
    return pace.toServe(requests);
  }

  private String entity(String model, String stream) {
    return stream.isEmpty() ? new StreamName(node, model).entityId() : stream;
  }

  /** A node that seeks its cluster has no sessions to ask. */
  private boolean joined() {
    return cluster.selfMember().status().equals(MemberStatus.up());
  }

  /** While a session's home is being replaced, requests go on without it for a moment instead of each waiting its turn to time out. */
  private Session.Admission withoutSession(String stream) {
    skipUntil.set(System.nanoTime() + Duration.ofSeconds(2).toNanos());
    LOG.warn("session of stream {} did not answer within {}; serving without sessions for 2 s", stream, settings.askTimeout());
    return new Session.Admission(true, 0);
  }

  private static ShardingMessageExtractor<ShardingEnvelope<Session.Command>, Session.Command> extractor(int shards) {
    return new ShardingMessageExtractor<>() {
      @Override
      public String entityId(ShardingEnvelope<Session.Command> message) {
        return message.entityId();
      }

      @Override
      public String shardId(String entityId) {
        StreamName name = StreamName.of(entityId);
        return name.home().isEmpty() ? Integer.toString(Math.floorMod(name.stream().hashCode(), shards)) : "at-" + name.home();
      }

      @Override
      public Session.Command unwrapMessage(ShardingEnvelope<Session.Command> message) {
        return message.message();
      }
    };
  }
}
