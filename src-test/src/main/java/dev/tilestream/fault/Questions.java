package dev.tilestream.fault;

import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import dev.tilestream.client.RemoteAnswer;
import dev.tilestream.client.TensorBytes;
import dev.tilestream.fleet.Tensors;
import dev.tilestream.zoo.Oracle;
import dev.tilestream.zoo.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Several inputs of one model with what ONNX Runtime makes of each, so that rows of one inference in another's answer are found. */
public final class Questions {
  private static final int INPUTS = 5;
  /** Of the largest value; other kernels round otherwise. */
  private static final double TOLERANCE = 1e-4;

  private record Question(List<TensorBytes> input, Map<String, Value> expected) {}

  private final String model;
  private final List<Question> questions;

  private Questions(String model, List<Question> questions) {
    this.model = model;
    this.questions = List.copyOf(questions);
  }

  /** @param file of the model that the fleet knows as {@code model} */
  public static Questions of(String model, Path file) {
    List<Question> questions = new ArrayList<>();
    try (Oracle oracle = Oracle.of(file, 1)) {
      for (int seed = 1; seed <= INPUTS; seed++) {
        Map<String, Value> inputs = oracle.randomInputs(100L * seed);
        questions.add(new Question(Tensors.request(inputs), oracle.run(inputs)));
      }
    }
    return new Questions(model, questions);
  }

  public String model() {
    return model;
  }

  /** Asks one of them and judges the answer. */
  Asked ask(NodeClient node, int number, String strategy) throws InterruptedException {
    Question question = questions.get(number % questions.size());
    long from = System.nanoTime();
    try {
      RemoteAnswer answer = node.infer(model, question.input, Optional.of(strategy));
      long to = System.nanoTime();
      double deviation = Tensors.deviation(question.expected, answer.outputs());
      if (deviation <= TOLERANCE) return new Asked(from, to, strategy, Asked.Outcome.RIGHT, answer.devices(), "");
      return new Asked(from, to, strategy, Asked.Outcome.WRONG, answer.devices(), "%s: deviates by %.3g".formatted(strategy, deviation));
    } catch (NodeFailure e) {
      return new Asked(from, System.nanoTime(), strategy, Asked.Outcome.LOST, List.of(), "%s: %s".formatted(strategy, e.getMessage()));
    } catch (RuntimeException unlikeAnyAnswer) {
      return new Asked(from, System.nanoTime(), strategy, Asked.Outcome.WRONG, List.of(), "%s: %s".formatted(strategy, unlikeAnyAnswer));
    }
  }
}
