package dev.tilestream.cli;

import dev.tilestream.client.Credentials;
import dev.tilestream.client.NodeClient;
import dev.tilestream.client.NodeFailure;
import java.net.URI;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which node a command talks to. */
final class NodeOption {
  /** A question to a node. */
  interface Call<T> {
    T ask(NodeClient node) throws InterruptedException;
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--url", paramLabel = "URL", defaultValue = "http://127.0.0.1:8000",
      description = "Any node of the fleet. Default: ${DEFAULT-VALUE}.")
  private URI url;

  @Mixin private CredentialOptions credentials;

  /** @throws CommandFailed with the node's reason */
  <T> T call(Call<T> call) throws InterruptedException {
    try {
      return call.ask(client());
    } catch (NodeFailure e) {
      throw new CommandFailed(e.getMessage(), e);
    }
  }

  private NodeClient client() {
    Credentials shown = credentials.credentials();
    try {
      NodeClient client = new NodeClient(url, shown);
      if (shown.hasToken() && client.canBeOverheard())
        command.commandLine().getErr().println("tilestream: the token goes to %s unencrypted (expected: https)".formatted(url));
      return client;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }
}
