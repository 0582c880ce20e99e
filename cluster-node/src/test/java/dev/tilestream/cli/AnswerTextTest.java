package dev.tilestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class AnswerTextTest {
  private static String text(String answer) throws Exception {
    return AnswerText.of(new ObjectMapper().readTree(answer));
  }

  @Test
  void theFiveLargestScoresOfAVectorAreShownWithTheirIndex() throws Exception {
    String text = text("{\"model_name\":\"m\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"scores\",\"datatype\":\"FP32\","
        + "\"shape\":[1,7],\"data\":[0.1,0.9,0.3,-4,0.8,0.7,0.2]}]}");
    assertThat(text.lines().skip(2).map(l -> l.strip().split("\\s+")[0])).containsExactly("1", "4", "5", "2", "6");
  }

  @Test
  void largeOutputsAreSummarised() throws Exception {
    String text = text("{\"outputs\":[{\"name\":\"map\",\"datatype\":\"FP32\",\"shape\":[1,2,2],\"data\":[[1,2],[3,6]]}]}");
    assertThat(text).contains("min 1.00000  max 6.00000  mean 3.00000");
  }

  @Test
  void parametersStandOnTheFirstLineButNotTheTimeline() throws Exception {
    String text =
        text("{\"model_name\":\"m\",\"model_version\":\"3\",\"parameters\":{\"strategy\":\"even\","
            + "\"devices\":\"a,b\",\"timeline\":\"...\"}}");
    assertThat(text.lines().findFirst()).hasValue("m 3  strategy=even  devices=a,b");
  }

  @Test
  void whatWasFoundStandsInLinesOfItsOwn() throws Exception {
    String text = text("""
        {"model_name": "m", "model_version": "3", "parameters": {"exact": true, "detections": [
          {"class": 0, "label": "person", "score": 0.9, "box": [40.8, 62.2, 178, 295]}, {"class": 7, "score": 0.5, "box": [1, 2, 3, 4]}]}}""");
    assertThat(text.lines()).containsExactly("m 3  exact=true", "  0.900  person           41,62 to 178,295", "  0.500  class 7          1,2 to 3,4");
    assertThat(text("{\"parameters\": {\"classes\": [{\"class\": 2, \"label\": \"dock\", \"score\": 0.75}]}}")).contains("  0.750  dock\n");
  }
}
