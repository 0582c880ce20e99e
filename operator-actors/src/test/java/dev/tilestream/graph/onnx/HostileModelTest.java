package dev.tilestream.graph.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tilestream.graph.OperatorGraph;
import dev.tilestream.tensor.DataType;
import dev.tilestream.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import onnx.Onnx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fuzzing the importer has found: each of these crashed, hung or went on unhindered. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileModelTest {
  private static final Isolation APART = new Isolation(Duration.ofSeconds(50), 3L << 30);

  @TempDir Path directory;

  private static Onnx.GraphProto.Builder graph(String output) {
    return Onnx.GraphProto.newBuilder().setName("g").addInput(FixedModel.input("x", DataType.FLOAT32.code(), Shape.of(1, 4)))
        .addOutput(Onnx.ValueInfoProto.newBuilder().setName(output));
  }

  private static Onnx.NodeProto.Builder node(String operator, String output, String... inputs) {
    return Onnx.NodeProto.newBuilder().setOpType(operator).addOutput(output).addAllInput(List.of(inputs));
  }

  private static Onnx.ModelProto.Builder model(Onnx.GraphProto.Builder graph) {
    return Onnx.ModelProto.newBuilder().setIrVersion(8).setGraph(graph)
        .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(13)).addOpsetImport(own(1));
  }

  private static Onnx.OperatorSetIdProto own(int version) {
    return Onnx.OperatorSetIdProto.newBuilder().setDomain("own").setVersion(version).build();
  }

  private void refused(Onnx.ModelProto.Builder model, String... why) throws IOException {
    Path file = Files.write(directory.resolve("model.onnx"), model.build().toByteArray());
    assertThatThrownBy(() -> OnnxImporter.load(file, Map.of(), directory.resolve("cache"))).isInstanceOf(ModelRefused.class)
        .hasMessageContainingAll(why);
  }

  /** Calls {@code callee} twice in a row. */
  private static Onnx.FunctionProto function(String name, String domain, String callee) {
    return Onnx.FunctionProto.newBuilder().setName(name).setDomain("own").addInput("a").addOutput("c")
        .addOpsetImport(Onnx.OperatorSetIdProto.newBuilder().setVersion(13)).addOpsetImport(own(1))
        .addNode(node(callee, "b", "a").setDomain(domain)).addNode(node(callee, "c", "b").setDomain(domain)).build();
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() throws IOException {
    refused(model(graph("y").addNode(node("f", "y", "x").setDomain("own"))).addFunctions(function("f", "own", "f")), "function f", "calls itself");
    refused(model(graph("y").addNode(node("f", "y", "x").setDomain("own")))
        .addFunctions(function("f", "own", "g")).addFunctions(function("g", "own", "f")), "calls itself");
  }

  @Test
  void functionsThatBecomeAThousandMillionNodesAreRefused() throws IOException {
    Onnx.ModelProto.Builder model = model(graph("y").addNode(node("f0", "y", "x").setDomain("own")));
    for (int i = 0; i < 29; i++) model.addFunctions(function("f" + i, "own", "f" + (i + 1)));
    refused(model.addFunctions(function("f29", "", "Relu")), "more than 1000000 nodes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "*/_ORT_MEM_ADDR_/*", "a/../../b", ".hidden", "", "c:x", "a\\b"})
  void dataOutsideTheModelsDirectoryIsRefusedWhereverATensorIs(String place) throws IOException {
    Onnx.TensorProto tensor = Onnx.TensorProto.newBuilder().setName("t").setDataType(DataType.UINT8.code()).addDims(16)
        .setDataLocation(Onnx.TensorProto.DataLocation.EXTERNAL)
        .addExternalData(Onnx.StringStringEntryProto.newBuilder().setKey("location").setValue(place))
        .addExternalData(Onnx.StringStringEntryProto.newBuilder().setKey("offset").setValue("0"))
        .addExternalData(Onnx.StringStringEntryProto.newBuilder().setKey("length").setValue("16")).build();
    String why = "external data at " + place;
    refused(model(graph("y").addInitializer(tensor).addNode(node("Identity", "y", "t"))), why);

    Onnx.NodeProto constant = node("Constant", "y").addAttribute(Onnx.AttributeProto.newBuilder()
        .setName("value").setType(Onnx.AttributeProto.AttributeType.TENSOR).setT(tensor)).build();
    refused(model(graph("y").addNode(constant)), why);

    Onnx.GraphProto.Builder body = Onnx.GraphProto.newBuilder().setName("body").addInitializer(tensor)
        .addNode(node("Identity", "z", "t")).addOutput(Onnx.ValueInfoProto.newBuilder().setName("z"));
    Onnx.NodeProto.Builder branch = node("If", "y", "yes");
    for (String name : List.of("then_branch", "else_branch"))
      branch.addAttribute(Onnx.AttributeProto.newBuilder().setName(name).setType(Onnx.AttributeProto.AttributeType.GRAPH).setG(body));
    refused(model(graph("y").addNode(branch)), why);

    refused(model(graph("y").addNode(node("f", "y").setDomain("own"))).addFunctions(
        Onnx.FunctionProto.newBuilder().setName("f").setDomain("own").addOutput("y").addNode(constant)), why);
  }

  @Test
  void dataBehindALinkThatLeadsOutIsRefused() throws IOException {
    Path secret = Files.write(Files.createDirectories(directory.resolve("elsewhere")).resolve("secret"), new byte[16]);
    Path beside = Files.createDirectories(directory.resolve("beside"));
    Files.createSymbolicLink(beside.resolve("w.bin"), secret);
    Onnx.TensorProto tensor = Onnx.TensorProto.newBuilder().setName("t").setDataType(DataType.FLOAT32.code()).addDims(4)
        .setDataLocation(Onnx.TensorProto.DataLocation.EXTERNAL)
        .addExternalData(Onnx.StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin")).build();
    Path file = Files.write(beside.resolve("model.onnx"),
        model(graph("y").addInitializer(tensor).addNode(node("Add", "y", "x", "t"))).build().toByteArray());
    assertThatThrownBy(() -> OnnxImporter.load(file, Map.of(), directory.resolve("cache"))).isInstanceOf(ModelRefused.class)
        .hasMessageContaining("w.bin");
  }

  @Test
  void aShapeOfMoreElementsThanAnyBufferHoldsIsRefused() throws IOException {
    int most = Integer.MAX_VALUE;
    Onnx.GraphProto.Builder graph = graph("x").clearInput().addNode(node("Relu", "x", "huge"))
        .addInput(FixedModel.input("huge", DataType.FLOAT32.code(), Shape.of(1)));
    for (int i = 0; i < 3; i++)
      graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().addDimBuilder().setDimValue(most);
    refused(model(graph), "huge", "fewer than 2^31 elements");
  }

  private OperatorGraph loadApart(Onnx.ModelProto.Builder model, Isolation isolation) throws IOException {
    Path file = Files.write(directory.resolve("model.onnx"), model.build().toByteArray());
    return OnnxImporter.load(file, Map.of(), Optional.empty(), directory.resolve("cache"), Optional.of(isolation));
  }

  private void refusedApart(Onnx.ModelProto.Builder model, Isolation isolation, String... why) throws IOException {
    assertThatThrownBy(() -> loadApart(model, isolation)).isInstanceOf(ModelRefused.class).hasMessageContainingAll(why);
    try (Stream<Path> left = Files.list(directory.resolve("cache"))) {
      assertThat(left).as("what is left in the cache").isEmpty();
    }
  }

  @Test
  void aModelImportedByAProcessOfItsOwnIsTheSame() throws IOException {
    Onnx.ModelProto.Builder model = model(graph("y").addNode(node("Relu", "y", "x")));
    OperatorGraph apart = loadApart(model, APART);
    OperatorGraph here = OnnxImporter.load(directory.resolve("model.onnx"), Map.of(), directory.resolve("another"));
    assertThat(apart.hash()).isEqualTo(here.hash());
    assertThat(apart.operators()).hasSameSizeAs(here.operators());
    apart.weights().close();
    here.weights().close();
    // Once it is in the cache, no process is needed.
    loadApart(model, new Isolation(Duration.ofNanos(1), 1)).weights().close();
  }

  @Test
  void aRefusalByThatProcessIsTheSame() throws IOException {
    refusedApart(model(graph("y").addNode(node("Levitate", "y", "x"))), APART, "ONNX Runtime can't run this model", "Levitate");
  }

  @Test
  void constantsThatFoldIntoGigabytesAreRefusedInsteadOfMade() throws IOException {
    Onnx.TensorProto.Builder shape = Onnx.TensorProto.newBuilder().setName("shape").setDataType(DataType.INT64.code()).addDims(2)
        .addInt64Data(60_000).addInt64Data(60_000);
    Onnx.GraphProto.Builder graph = graph("y").addInitializer(shape).addNode(node("ConstantOfShape", "much", "shape"));
    refusedApart(model(graph.addNode(node("ReduceMax", "y", "much"))), APART, "model");
  }

  @Test
  void aModelThatIsNotImportedInTimeIsRefused() throws IOException {
    refusedApart(model(graph("y").addNode(node("Relu", "y", "x"))), new Isolation(Duration.ofMillis(1), 3L << 30), "not imported within");
  }

  @Test
  void aProcessThatCanNotEvenStartIsARefusalThatSaysSo() throws IOException {
    refusedApart(model(graph("y").addNode(node("Relu", "y", "x"))), new Isolation(Duration.ofSeconds(50), 1), "ended with status", "MB");
  }
}
