package dev.tilestream.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRepositoryTest {
  @TempDir Path temp;
  private ModelRepository repository;

  @BeforeEach
  void openRepository() throws IOException {
    repository = new ModelRepository(Files.createDirectory(temp.resolve("models")));
  }

  @Test
  void listsWhatLooksLikeAModelAndNothingElse() throws IOException {
    model("b", "2", "two");
    model("b", "10", "ten");
    model("a.x-1", "1", "one");
    model(".hidden", "1", "no");
    model("b", "draft", "no");
    model("b", "03", "no");
    Files.createDirectories(repository.root().resolve("empty/1"));
    Files.writeString(repository.root().resolve("README"), "a file");
    assertThat(repository.list()).containsExactly(new ModelId("a.x-1", "1"), new ModelId("b", "2"), new ModelId("b", "10"));
  }

  @Test
  void takesTheHighestNumberAsTheLatestVersion() throws IOException {
    model("b", "9", "nine");
    model("b", "10", "ten");
    assertThat(repository.find("b", Optional.empty())).contains(new ModelId("b", "10"));
    assertThat(repository.find("b", Optional.of("9"))).contains(new ModelId("b", "9"));
    assertThat(repository.find("b", Optional.of("11"))).isEmpty();
    assertThat(repository.find("c", Optional.empty())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "", "../models/b", "a/b", "a\\b", "/etc", "a..b", ".git", "-x", "a b", "a\u0000", "a%2fb", "ä"})
  void refusesNamesThatAreNone(String name) {
    assertThatThrownBy(() -> repository.find(name, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model name: ")
        .hasMessageContaining("expected");
    assertThatThrownBy(() -> repository.find("b", Optional.of(name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model version: ");
  }

  @Test
  void doesNotFollowLinksOutOfTheDirectory() throws IOException {
    Path outside = Files.createDirectories(temp.resolve("outside/1"));
    Files.writeString(outside.resolve("model.onnx"), "secret");
    Files.createSymbolicLink(repository.root().resolve("linked"), temp.resolve("outside"));
    Files.createDirectories(repository.root().resolve("file/1"));
    Files.createSymbolicLink(repository.root().resolve("file/1/model.onnx"), outside.resolve("model.onnx"));
    assertThat(repository.list()).isEmpty();
    assertThat(repository.find("linked", Optional.of("1"))).isEmpty();
    assertThatThrownBy(() -> repository.model(new ModelId("file", "1"))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void followsLinksThatStayInside() throws IOException {
    model("b", "1", "one");
    Files.createSymbolicLink(repository.root().resolve("b/2"), repository.root().resolve("b/1"));
    assertThat(repository.list()).containsExactly(new ModelId("b", "1"), new ModelId("b", "2"));
    assertThat(repository.model(new ModelId("b", "2"))).hasContent("one");
  }

  @Test
  void hashesTheContentAndNoticesAChange() throws IOException {
    Path file = model("b", "1", "abc");
    ModelId id = new ModelId("b", "1");
    assertThat(repository.sha256(id)).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Files.writeString(file, "");
    assertThat(repository.sha256(id)).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void readsTheConfigBesideTheModelAndNamesItWhenItIsWrong() throws IOException {
    Path file = model("b", "1", "abc");
    ModelId id = new ModelId("b", "1");
    assertThat(repository.config(id)).isEqualTo(ModelConfig.NONE);
    Files.writeString(file.resolveSibling("config.json"), "{\"labels\": [\"cat\"]}");
    assertThat(repository.config(id).labels()).containsExactly("cat");
    Files.writeString(file.resolveSibling("config.json"), "{\"labels\": 3}");
    assertThatThrownBy(() -> repository.config(id)).isInstanceOf(ModelConfig.Fault.class).hasMessageStartingWith("b/1/config.json line 1, labels");
  }

  private Path model(String name, String version, String content) throws IOException {
    Path directory = Files.createDirectories(repository.root().resolve(name).resolve(version));
    return Files.writeString(directory.resolve("model.onnx"), content);
  }
}
