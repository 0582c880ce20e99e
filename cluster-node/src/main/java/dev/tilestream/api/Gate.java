package dev.tilestream.api;

import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may ask for what. Health is for everybody. Where tokens are known, everything else needs one, wherever the request comes from: a
 * proxy on the same machine would make everybody local. Where none are, a node that only this machine reaches is open, and one that others
 * reach infers but changes nothing.
 */
final class Gate {
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Pattern BEARER = Pattern.compile("Bearer +(\\S+)\\s*", Pattern.CASE_INSENSITIVE);

  private final Tokens tokens;
  private final boolean loopback;

  /** @param loopback whether only this machine can reach the node */
  Gate(Tokens tokens, boolean loopback) {
    this.tokens = tokens;
    this.loopback = loopback;
  }

  /**
   * @param path its segments, decoded
   * @throws ApiError 401 without a token that is known, 403 with one that does not suffice
   */
  void admit(HttpRequest request, List<String> path) {
    Optional<Role> needed = needed(request.method().value(), path);
    if (needed.isEmpty() || tokens.isEmpty() && (loopback || needed.get() == Role.INFER)) return;
    if (tokens.isEmpty())
      throw ApiError.of(
          403, "%s %s: refused, for this node is reached by others and knows no token (expected: tilestream.api.tokens in its settings)",
          request.method().value(), request.getUri().path());
    String token = bearer(request).orElseThrow(
        () -> ApiError.unauthorized("Bearer", "token: none came (expected: the header Authorization: Bearer TOKEN)"));
    Role role = tokens.roleOf(token).orElseThrow(
        () -> ApiError.unauthorized("Bearer error=\"invalid_token\"", "token: not known here (expected: one of tilestream.api.tokens)"));
    if (!role.may(needed.get()))
      throw ApiError.of(403, "%s %s: the token's role is %s (expected: %s)",
          request.method().value(), request.getUri().path(), role.word(), needed.get().word());
  }

  /** Empty: none. What is not known to be harmless needs the highest. */
  static Optional<Role> needed(String method, List<String> path) {
    if (path.size() == 3 && path.get(0).equals("v2") && path.get(1).equals("health")) return Optional.empty();
    boolean harmless = READING.contains(method)
        || path.equals(List.of("v2", "repository", "index"))
        || path.size() > 3 && path.subList(0, 2).equals(List.of("v2", "models")) && path.get(path.size() - 1).equals("infer");
    return Optional.of(harmless ? Role.INFER : Role.ADMIN);
  }

  private static Optional<String> bearer(HttpRequest request) {
    return request.getHeader("Authorization").map(HttpHeader::value).map(BEARER::matcher).filter(Matcher::matches).map(m -> m.group(1));
  }
}
