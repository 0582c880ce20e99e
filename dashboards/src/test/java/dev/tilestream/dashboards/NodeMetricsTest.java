package dev.tilestream.dashboards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NodeMetricsTest {
  @Test
  void prometheusReadsWhatWasRecorded() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    var config = ConfigFactory.parseString("kamon.metric.tick-interval = 200ms").withFallback(ConfigFactory.load());
    NodeMetrics metrics = NodeMetrics.start(config, "robot-1", "127.0.0.1", port);
    try {
      metrics.answered("detector", "hybrid", Duration.ofMillis(42).toNanos(), 1000);
      metrics.failed("BUSY");
      metrics.neighbours(2);
      metrics.link("edge-1", 1e6, 10);
      metrics.link("edge-12", 2e6, 20);
      await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
        String page = read(port);
        assertThat(page).containsPattern("tilestream_inference_latency_seconds_count\\{[^}]*model=\"detector\"[^}]*} 1.0");
        assertThat(page).containsPattern("tilestream_inference_air_bytes_total\\{[^}]*strategy=\"hybrid\"[^}]*} 1000.0");
        assertThat(page).contains("tilestream_inference_failures_total{kind=\"BUSY\"} 1.0");
        assertThat(page).contains("tilestream_cluster_neighbours 2.0");
      });
      await().atMost(Duration.ofSeconds(20)).untilAsserted(() ->
          assertThat(read(port)).contains("tilestream_link_goodput_bytes{peer=\"edge-1\"}", "tilestream_link_queued_bytes{peer=\"edge-12\"}"));
      metrics.linkGone("edge-1");
      await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(read(port)).doesNotContain("\"edge-1\"").contains("\"edge-12\""));
      metrics.link("edge-1", 3e6, 30);
      await().atMost(Duration.ofSeconds(20)).untilAsserted(() ->
          assertThat(read(port)).containsPattern("tilestream_link_goodput_bytes\\{peer=\"edge-1\"} 3000000.0"));
    } finally {
      metrics.stop();
    }
  }

  private static String read(int port) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).timeout(Duration.ofSeconds(2)).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }
}
