package dev.tilestream.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A script that teaches a shell the commands and their options. */
@Command(
    name = "completion", description = "Prints a script for bash or zsh that completes commands and options.", mixinStandardHelpOptions = true,
    footer = {"%nExample:", "  source <(./tilestream completion)"})
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(AutoComplete.bash("tilestream", spec.root().commandLine()));
    spec.commandLine().getOut().flush();
  }
}
