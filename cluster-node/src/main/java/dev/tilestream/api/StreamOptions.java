package dev.tilestream.api;

import akka.http.javadsl.model.Uri;
import akka.japi.Pair;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * What the address of a stream says.
 *
 * @param request of every frame
 * @param window frames under way at a time; empty: as many as are worth it
 */
record StreamOptions(RequestOptions request, OptionalInt window) {
  static final int MOST = 8;
  private static final String WINDOW = "window";

  static StreamOptions read(Uri uri, Duration longestDeadline) {
    List<Pair<String, String>> all = uri.query().toList();
    List<String> windows = all.stream().filter(p -> p.first().equals(WINDOW)).map(Pair::second).toList();
    RequestOptions request = QueryOptions.read(all.stream().filter(p -> !p.first().equals(WINDOW)).toList(), longestDeadline);
    if (windows.isEmpty()) return new StreamOptions(request, OptionalInt.empty());
    if (windows.size() > 1) throw ApiError.badRequest("query: %s: twice (expected: once)", WINDOW);
    return new StreamOptions(request, OptionalInt.of(window(windows.get(0))));
  }

  private static int window(String text) {
    if (!text.matches("[1-9]") || Integer.parseInt(text) > MOST)
      throw ApiError.badRequest("query: %s: %s (expected: 1 to %d frames)", WINDOW, text, MOST);
    return Integer.parseInt(text);
  }
}
