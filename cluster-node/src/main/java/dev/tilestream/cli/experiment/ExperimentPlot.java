package dev.tilestream.cli.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Mean latencies as bars, a panel for each profile and trace; a whisker reaches to the 95th percentile, a mark shows the authors' mean. */
final class ExperimentPlot {
  private static final int COLUMNS = 2;
  private static final int PANEL_WIDTH = 460;
  private static final int LABELS = 120;
  private static final int BARS = 260;
  private static final int BAR = 14;
  private static final int HEAD = 34;
  private static final int GAP = 18;

  private final Map<String, List<ExperimentResult>> panels = new LinkedHashMap<>();

  ExperimentPlot(List<ExperimentResult> results) {
    for (ExperimentResult r : results) panels.computeIfAbsent(r.profile() + ", " + r.trace(), key -> new ArrayList<>()).add(r);
  }

  String svg() {
    StringBuilder body = new StringBuilder();
    int y = 0;
    int tallest = 0;
    int column = 0;
    for (Map.Entry<String, List<ExperimentResult>> panel : panels.entrySet()) {
      body.append("<g transform=\"translate(%d,%d)\">%n".formatted(column * PANEL_WIDTH + GAP, y + GAP));
      body.append("<text y=\"14\" font-weight=\"bold\">%s</text>%n".formatted(escaped(panel.getKey())));
      bars(body, panel.getValue());
      body.append("</g>\n");
      tallest = Math.max(tallest, HEAD + panel.getValue().size() * (BAR + 4) + GAP);
      if (++column < COLUMNS) continue;
      column = 0;
      y += tallest;
      tallest = 0;
    }
    int height = y + tallest + GAP + 20;
    return """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" font-family="sans-serif" font-size="11">
        <rect width="%1$d" height="%2$d" fill="white"/>
        %3$s<text x="%4$d" y="%5$d" fill="#555">bar: mean ms; line: to the 95th percentile; mark: the authors' mean; pale: not exact</text>
        </svg>
        """.formatted(COLUMNS * PANEL_WIDTH + GAP, height, body, GAP, height - 8);
  }

  private static void bars(StringBuilder body, List<ExperimentResult> results) {
    double most = results.stream().mapToDouble(r -> Math.max(r.p95Ms(), r.published().orElse(0))).max().orElse(1);
    double scale = BARS / Math.max(most, 1e-9);
    int y = HEAD - 12;
    for (ExperimentResult r : results) {
      double middle = y + BAR / 2.0;
      body.append("<text x=\"%d\" y=\"%s\" text-anchor=\"end\">%s</text>%n".formatted(LABELS - 6, n(y + BAR - 3), escaped(r.strategy())));
      body.append("<rect x=\"%d\" y=\"%d\" width=\"%s\" height=\"%d\" fill=\"%s\"/>%n"
          .formatted(LABELS, y, n(r.meanMs() * scale), BAR, r.exact() ? "#4477aa" : "#aaccee"));
      body.append(line(LABELS + r.meanMs() * scale, middle, LABELS + r.p95Ms() * scale, middle, "#223355"));
      r.published().ifPresent(ms -> {
        double x = LABELS + ms * scale;
        body.append(line(x, middle - BAR / 2.0, x, middle + BAR / 2.0, "#cc3311"));
      });
      double text = LABELS + Math.max(r.p95Ms(), r.published().orElse(0)) * scale + 5;
      body.append("<text x=\"%s\" y=\"%s\" fill=\"#333\">%d</text>%n".formatted(n(text), n(y + BAR - 3), Math.round(r.meanMs())));
      y += BAR + 4;
    }
  }

  private static String line(double x1, double y1, double x2, double y2, String colour) {
    return "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\" stroke-width=\"2\"/>%n"
        .formatted(n(x1), n(y1), n(x2), n(y2), colour);
  }

  private static String n(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
