package dev.tilestream.cli.plan;

import dev.tilestream.scheduler.simulate.Simulation.Activity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Who computes what and what is in the air when, a panel for each strategy over one axis of time. A picture of its own: no scripts, no
 * files besides, readable on light and dark ground. Pointing at a bar tells what it is.
 */
public final class TimelinePicture {
  private static final int WIDTH = 1080;
  private static final int LABELS = 190;
  private static final int TRACK = 18;
  private static final int BAR = 14;
  private static final int HEAD = 30;
  private static final int FOOT = 26;
  private static final int MARGIN = 12;
  private static final int TICKS = 8;
  private static final String STYLE = """
      text{font:12px system-ui,sans-serif;fill:#222}
      .head{font-weight:600}.soft{fill:#666}
      .ground{fill:#fff}.rule{stroke:#ccc}
      .tile{fill:#3b6ea5;stroke:#fff;stroke-width:.5}
      .air{fill:#d98324;fill-opacity:.75;stroke:#fff;stroke-width:.5}
      @media(prefers-color-scheme:dark){
      text{fill:#e6e6e6}.soft{fill:#9aa0a6}.ground{fill:#16181c}.rule{stroke:#3a3f46}
      .tile{fill:#6ea8e0;stroke:#16181c}.air{fill:#f0a94f;stroke:#16181c}}
      """;

  private final String title;
  private final List<Prospect> prospects;
  private final double scale;

  /** @param prospects at least one */
  public TimelinePicture(String title, List<Prospect> prospects) {
    this.title = title;
    this.prospects = List.copyOf(prospects);
    double most = prospects.stream().mapToDouble(Prospect::latencyMillis).max().orElse(1);
    scale = (WIDTH - LABELS - 2 * MARGIN) / Math.max(most, 1e-6);
  }

  /** One self-contained SVG image. */
  public String svg() {
    StringBuilder body = new StringBuilder();
    int y = MARGIN + HEAD;
    for (Prospect p : prospects) y = panel(body, p, y);
    int height = y + MARGIN;
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" aria-label="%3$s">
        <style>%4$s</style>
        <rect class="ground" width="%1$d" height="%2$d"/>
        <text class="head" x="%5$d" y="%6$d">%3$s</text>
        %7$s</svg>
        """.formatted(WIDTH, height, escaped(title), STYLE, MARGIN, MARGIN + 14, body);
  }

  /** The same as a page. */
  public String html() {
    return """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>%s</title>
        <style>body{margin:1rem;background:#fff}svg{max-width:100%%;height:auto}
        @media(prefers-color-scheme:dark){body{background:#16181c}}</style>
        </head><body>
        %s</body></html>
        """.formatted(escaped(title), svg());
  }

  private int panel(StringBuilder body, Prospect p, int top) {
    Map<String, List<Activity>> tracks = new LinkedHashMap<>();
    for (String device : p.plan().devices()) tracks.put(device, new ArrayList<>());
    for (Activity a : p.simulation().timeline()) tracks.computeIfAbsent(a.track(), t -> new ArrayList<>()).add(a);
    String exact = p.plan().exact() ? "" : ", not exact";
    body.append("<text class=\"head\" x=\"%d\" y=\"%d\">%s%s</text>%n".formatted(MARGIN, top + 16, p.strategy(), exact));
    body.append("<text class=\"soft\" x=\"%d\" y=\"%d\">%s ms, %s J, %s kB in the air</text>%n".formatted(
        LABELS, top + 16, n(1, p.latencyMillis()), n(3, p.simulation().sourceJoules()), n(1, p.simulation().bytesOverAir() / 1e3)));
    int first = top + HEAD - 4;
    int y = first;
    int bottom = first + tracks.size() * TRACK;
    axis(body, first, bottom);
    for (Map.Entry<String, List<Activity>> track : tracks.entrySet()) {
      body.append("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>%n".formatted(LABELS - 8, y + 12, escaped(track.getKey())));
      boolean air = !p.plan().devices().contains(track.getKey());
      for (Activity a : track.getValue()) bar(body, a, y, air);
      y += TRACK;
    }
    return bottom + FOOT;
  }

  private void axis(StringBuilder body, int top, int bottom) {
    double step = nice((WIDTH - LABELS) / scale / TICKS);
    for (int i = 0; i * step * scale <= WIDTH - LABELS - 2 * MARGIN; i++) {
      String x = n(1, LABELS + i * step * scale);
      body.append("<line class=\"rule\" x1=\"%s\" x2=\"%s\" y1=\"%d\" y2=\"%d\"/>%n".formatted(x, x, top, bottom + 4));
      body.append("<text class=\"soft\" x=\"%s\" y=\"%d\" text-anchor=\"middle\">%s%s</text>%n"
          .formatted(x, bottom + 16, plain(i * step), i == 0 ? " ms" : ""));
    }
  }

  private void bar(StringBuilder body, Activity a, int y, boolean air) {
    double start = a.startSeconds() * 1e3;
    double end = a.endSeconds() * 1e3;
    body.append("<rect class=\"%s\" x=\"%s\" y=\"%d\" width=\"%s\" height=\"%d\"><title>%s, %s to %s ms</title></rect>%n".formatted(
        air ? "air" : "tile", n(2, LABELS + start * scale), y + 2, n(2, Math.max(0.5, (end - start) * scale)), BAR, escaped(a.what()),
        n(2, start), n(2, end)));
  }

  /** 1, 2 or 5 times a power of ten, at least {@code least}. */
  private static double nice(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double m : new double[] {1, 2, 5}) if (m * power >= least) return m * power;
    return 10 * power;
  }

  private static String n(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString(Math.round(value)) : n(2, value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }
}
