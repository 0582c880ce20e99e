package dev.tilestream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void numbersStandRightAndWordsLeft() {
    String table = new TextTable("name", "ms").row("a", "1.5").row("longer", "120.0").toString();
    assertThat(table.lines()).containsExactly("name       ms", "a         1.5", "longer  120.0");
  }
}
