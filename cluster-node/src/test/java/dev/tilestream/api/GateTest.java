package dev.tilestream.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tilestream.security.SecurityFault;
import dev.tilestream.tensor.DataType;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may ask a node for what, by its address, its tokens and theirs. */
class GateTest {
  private static final String INFER = "infer-0123456789abcdef";
  private static final String ADMIN = "admin-0123456789abcdef";
  private static final String SECOND = "second.admin~0123456789+/==";
  private static final String WORK = "{\"inputs\": [{\"name\": \"x\", \"shape\": [1], \"datatype\": \"FP32\", \"data\": [1]}]}";

  @TempDir static Path directory;
  private static ServerFixture guarded;

  @BeforeAll
  static void start() throws IOException {
    Path file = Files.writeString(directory.resolve("admins"), "# of the night shift\n\n  " + SECOND + "\n");
    String tokens = "tilestream.api.tokens {infer = [%s], admin = [%s], admin-file = \"%s\"}".formatted(INFER, ADMIN, file);
    guarded = new ServerFixture(directory.resolve("models"), 1 << 20, tokens);
    guarded.loaded("x", OnnxModels.identity(DataType.FLOAT32, -1));
  }

  @AfterAll
  static void stop() {
    guarded.close();
  }

  private static HttpResponse<byte[]> ask(ServerFixture server, String method, String path, String authorization) {
    String body = method.equals("POST") ? path.endsWith("infer") ? WORK : "{}" : "";
    HttpRequest.Builder request = server.to(path).method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!authorization.isEmpty()) request.header("Authorization", authorization);
    return server.send(request.build());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      GET    | /v2/health/live                  | 200 | 200 | 200 | 200
      GET    | /v2/health/ready                 | 200 | 200 | 200 | 200
      GET    | /v2                              | 401 | 401 | 200 | 200
      GET    | /                                | 401 | 401 | 200 | 200
      GET    | /api/status                      | 401 | 401 | 200 | 200
      GET    | /api/plans                       | 401 | 401 | 200 | 200
      GET    | /v2/models/x                     | 401 | 401 | 200 | 200
      POST   | /v2/models/x/infer               | 401 | 401 | 200 | 200
      POST   | /v2/models/x/versions/1/infer    | 401 | 401 | 200 | 200
      POST   | /v2/repository/index             | 401 | 401 | 200 | 200
      POST   | /v2/repository/models/x/load     | 401 | 401 | 403 | 200
      POST   | /v2/repository/models/x/versions/1/load | 401 | 401 | 403 | 200
      POST   | /v2/repository/models/no/unload  | 401 | 401 | 403 | 404
      POST   | /v2/repository/models/no/unload/ | 401 | 401 | 403 | 404
      DELETE | /v2/models/x                     | 401 | 401 | 403 | 405
      GET    | /nothing                         | 401 | 401 | 404 | 404
      """)
  void eachRoleMayDoItsOwnAndNobodyMore(String method, String path, int none, int wrong, int infer, int admin) {
    assertThat(ask(guarded, method, path, "").statusCode()).as("none").isEqualTo(none);
    assertThat(ask(guarded, method, path, "Bearer infer-0123456789abcdeX").statusCode()).as("wrong").isEqualTo(wrong);
    assertThat(ask(guarded, method, path, "Bearer " + INFER).statusCode()).as("infer").isEqualTo(infer);
    for (String token : List.of(ADMIN, SECOND))
      assertThat(ask(guarded, method, path, "Bearer " + token).statusCode()).as("admin").isEqualTo(admin);
  }

  @Test
  void refusalsSayWhatIsMissingAsTheProtocolsDo() {
    HttpResponse<byte[]> none = ask(guarded, "GET", "/v2", "");
    assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
    assertThat(ServerFixture.json(none).path("error").asText()).isEqualTo("token: none came (expected: the header Authorization: Bearer TOKEN)");

    HttpResponse<byte[]> wrong = ask(guarded, "GET", "/v2", "Bearer nobody-knows-this-one");
    assertThat(wrong.headers().firstValue("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
    assertThat(new String(wrong.body())).contains("token: not known here").doesNotContain("nobody-knows-this-one");

    HttpResponse<byte[]> weak = ask(guarded, "POST", "/v2/repository/models/x/unload", "Bearer " + INFER);
    assertThat(ServerFixture.json(weak).path("error").asText())
        .isEqualTo("POST /v2/repository/models/x/unload: the token's role is infer (expected: admin)");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      bearer infer-0123456789abcdef        | 200
      BEARER   infer-0123456789abcdef      | 200
      Basic aW5mZXItMDEyMzQ1Njc4OWFiY2RlZg== | 401
      infer-0123456789abcdef               | 401
      Bearer                               | 401
      Bearer a b                           | 401
      Bearer infer-0123456789abcde         | 401
      Bearer infer-0123456789abcdef0       | 401
      Bearer INFER-0123456789ABCDEF        | 401
      Bearer "infer-0123456789abcdef"      | 401
      """)
  void onlyTheWholeTokenWillDo(String authorization, int status) {
    assertThat(ask(guarded, "GET", "/v2", authorization).statusCode()).isEqualTo(status);
  }

  @Test
  void escapedPathsOpenNoWayRound() {
    for (String path : List.of("/v2/repository/models/x/%75nload", "//v2/repository/models/x/unload", "/v2/health/../repository/models/x/unload",
        "/v2/health%2f..%2frepository/models/x/unload", "/v2/models/x%2finfer/../../repository/models/x/unload"))
      assertThat(ask(guarded, "POST", path, "Bearer " + INFER).statusCode()).as(path).isIn(400, 403);
  }

  @Test
  void aNodeThatOnlyThisMachineReachesIsOpen() throws IOException {
    try (ServerFixture open = new ServerFixture(directory.resolve("open"), 1 << 20, "")) {
      open.loaded("x", OnnxModels.identity(DataType.FLOAT32, -1));
      assertThat(ask(open, "POST", "/v2/models/x/infer", "").statusCode()).isEqualTo(200);
      assertThat(open.post("/v2/repository/models/x/load", "{}").statusCode()).isEqualTo(200);
      assertThat(open.settings().warnings(Instant.now())).isEmpty();
    }
  }

  @Test
  void aNodeThatOthersReachLetsNobodyChangeAnythingUntilItKnowsAToken() throws IOException {
    try (ServerFixture reached = new ServerFixture(directory.resolve("reached"), 1 << 20, "", "0.0.0.0")) {
      reached.loaded("x", OnnxModels.identity(DataType.FLOAT32, -1));
      assertThat(ask(reached, "POST", "/v2/models/x/infer", "").statusCode()).isEqualTo(200);
      HttpResponse<byte[]> refused = reached.post("/v2/repository/models/x/unload", "{}");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(new String(refused.body())).contains("(expected: tilestream.api.tokens in its settings)");
      assertThat(reached.settings().warnings(Instant.now())).hasSize(2)
          .anySatisfy(w -> assertThat(w).startsWith("HTTP at 0.0.0.0: everybody who reaches it may infer"))
          .anySatisfy(w -> assertThat(w).startsWith("HTTP at 0.0.0.0 is not encrypted"));
    }
  }

  private static Tokens tokens(String settings) {
    Config config = ConfigFactory.parseString("tilestream.api.tokens {" + settings + "}").withFallback(ConfigFactory.defaultReference()).resolve();
    return Tokens.from(config);
  }

  @Test
  void aTokenUnderTwoRolesHasTheHigher() {
    Tokens twice = tokens("infer = [%1$s], admin = [%1$s]".formatted(ADMIN));
    assertThat(twice.roleOf(ADMIN)).contains(Role.ADMIN);
    assertThat(twice.roleOf(INFER)).isEqualTo(Optional.empty());
  }

  @Test
  void tokensAreInNoText() {
    assertThat(ApiSettings.from(ConfigFactory.parseString("tilestream.api.tokens.infer = [%s]".formatted(INFER)).withFallback(ConfigFactory.load())))
        .asString().contains("1 tokens").doesNotContain(INFER);
  }

  @Test
  void tokensThatAreNoneStopTheStartAndAreNotRepeated() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty"), "# none yet\n");
    Path bad = Files.writeString(directory.resolve("bad"), INFER + "\nshort\n");
    for (List<String> each : Arrays.asList(
        List.of("infer = [short]", "tilestream.api.tokens.infer, number 1: 5 characters (expected: 20 to 500"),
        List.of("admin = [%s, \"with blanks in it, and commas\"]".formatted(ADMIN), "tokens.admin, number 2: characters that no token has"),
        List.of("infer-file = /nowhere/tokens", "tilestream.api.tokens.infer-file: /nowhere/tokens cannot be read"),
        List.of("admin-file = \"%s\"".formatted(directory), "cannot be read"),
        List.of("infer-file = \"%s\"".formatted(empty), "holds no token (expected: one a line)"),
        List.of("infer-file = \"%s\"".formatted(bad), "token 2: 5 characters")))
      assertThatThrownBy(() -> tokens(each.get(0)))
          .isInstanceOf(SecurityFault.class).hasMessageContaining(each.get(1)).message().hasLineCount(1).doesNotContain("short", "blanks");
  }
}
