package dev.tilestream.cli.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilestream.cli.experiment.ExperimentResult.Sample;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class ExperimentReportTest {
  private static ExperimentResult result(String strategy, boolean exact) {
    List<Sample> samples = IntStream.rangeClosed(1, 20).mapToObj(i -> new Sample(i, i * 0.1, 1000L * i, exact)).toList();
    return ExperimentResult.of("vgg@x", "indoors", strategy, samples, OptionalDouble.of(12.5), OptionalDouble.empty());
  }

  private final ExperimentReport report = new ExperimentReport(List.of(result("local", true), result("hybrid <cut>", false)));

  @Test
  void samplesBecomeMeanMedianAndPercentile() {
    ExperimentResult r = result("local", true);
    assertThat(r.meanMs()).isEqualTo(10.5);
    assertThat(r.medianMs()).isEqualTo(10);
    assertThat(r.p95Ms()).isEqualTo(19);
    assertThat(r.joules()).isCloseTo(1.05, within(1e-9));
    assertThat(r.bytes()).isEqualTo(10_500);
    assertThat(r.n()).isEqualTo(20);
  }

  @Test
  void jsonHasTheFieldsThatWerePromised() throws Exception {
    JsonNode all = new ObjectMapper().readTree(report.json());
    List<String> names = new ArrayList<>();
    all.get(0).fieldNames().forEachRemaining(names::add);
    assertThat(names).containsExactly("profile", "trace", "strategy", "exact", "meanMs", "medianMs", "p95Ms", "joules", "bytes", "n");
    assertThat(all.get(1).get("exact").asBoolean()).isFalse();
  }

  @Test
  void tableAndCsvHaveALineForEachResultAndKeepWhatIsUnknownEmpty() {
    assertThat(report.csv().lines()).hasSize(3).anyMatch(line -> line.endsWith(",20,12.50,"));
    assertThat(report.table().lines()).hasSize(3);
  }

  @Test
  void thePlotIsXmlWithABarForEachResult() throws Exception {
    byte[] svg = new ExperimentPlot(report.results()).svg().getBytes(StandardCharsets.UTF_8);
    var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(svg));
    assertThat(document.getElementsByTagName("g").getLength()).isEqualTo(1);
    assertThat(document.getElementsByTagName("rect").getLength()).as("background and bars").isEqualTo(3);
  }
}
