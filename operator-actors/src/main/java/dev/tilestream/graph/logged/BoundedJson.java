package dev.tilestream.graph.logged;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads JSON files that nobody vouches for: bounded in size and depth, no key twice, nothing behind the end. */
public final class BoundedJson {
  private static final ObjectMapper MAPPER = new ObjectMapper()
      .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private BoundedJson() {}

  /** The file's bytes. @throws ProfileRefused when it is absent or above {@code maxBytes} */
  static byte[] bytes(Path file, long maxBytes) {
    try {
      if (!Files.isRegularFile(file)) throw new ProfileRefused(file + ": no such file");
      long size = Files.size(file);
      if (size > maxBytes) throw new ProfileRefused("%s: %,d bytes (expected: at most %,d)".formatted(file, size, maxBytes));
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ProfileRefused("%s: can't be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** @throws ProfileRefused when it is absent, too big, nested deeper than {@code maxDepth}, or no JSON object */
  public static JsonNode object(Path file, long maxBytes, int maxDepth) {
    return object(file.getFileName().toString(), bytes(file, maxBytes), maxDepth);
  }

  static JsonNode object(String name, byte[] bytes, int maxDepth) {
    try {
      requireShallow(name, bytes, maxDepth);
      JsonNode root = MAPPER.readTree(bytes);
      if (!root.isObject()) throw new ProfileRefused("%s: %s (expected: a JSON object)".formatted(name, root.getNodeType()));
      return root;
    } catch (IOException e) {
      throw new ProfileRefused("%s: not valid JSON: %s".formatted(name, firstLine(e)), e);
    }
  }

  private static void requireShallow(String name, byte[] bytes, int maxDepth) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(bytes)) {
      int depth = 0;
      for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
        if (t.isStructStart() && ++depth > maxDepth)
          throw new ProfileRefused("%s: nested more than %d deep".formatted(name, maxDepth));
        if (t.isStructEnd()) depth--;
      }
    }
  }

  private static String firstLine(IOException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
