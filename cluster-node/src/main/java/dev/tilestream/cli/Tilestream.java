package dev.tilestream.cli;

import dev.tilestream.scheduler.plan.Objective;
import dev.tilestream.scheduler.plan.WrittenObjective;
import dev.tilestream.scheduler.profile.Medium;
import dev.tilestream.security.SecurityFault;
import java.io.PrintWriter;
import java.time.Duration;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The program. {@code ./tilestream} starts this class with the flags of the JVM that fit the command. */
@Command(
    name = "tilestream",
    description = "Runs one neural network inference across a fleet of robots and edge servers.",
    mixinStandardHelpOptions = true,
    versionProvider = Tilestream.Version.class,
    subcommands = {
      DemoCommand.class, NodeCommand.class, FleetCommand.class, ModelsCommand.class, InferCommand.class, ReplayCommand.class,
      SimulateCommand.class, PlanCommand.class, DoctorCommand.class, SettingsCommand.class, CompletionCommand.class, BenchCommand.class},
    footer = {"", "Exit status: 0 done, 1 failed, 2 wrong usage."})
public final class Tilestream implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command line; what it prints goes to {@link CommandLine#setOut} and {@link CommandLine#setErr}. */
  public static CommandLine commandLine() {
    return new CommandLine(new Tilestream())
        .registerConverter(LinkRate.class, LinkRate::parse)
        .registerConverter(Duration.class, Durations::parse)
        .registerConverter(Objective.class, ObjectiveWord::parse)
        .registerConverter(WrittenObjective.class, ObjectiveWord::written)
        .registerConverter(Medium.class, Tilestream::medium)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionExceptionHandler(Tilestream::failed);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command (expected: one of those below)");
  }

  private static Medium medium(String word) {
    try {
      return Medium.of(word);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  /** A failure that was foreseen is one line; anything else is a bug and shows where. */
  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
      err.println("tilestream: interrupted");
    } else if (e instanceof CommandFailed || e instanceof SecurityFault) {
      err.println("tilestream: " + e.getMessage());
    } else {
      err.println("tilestream: " + e + " (a bug)");
      LoggerFactory.getLogger(Tilestream.class).error("{}", parsed.originalArgs(), e);
    }
    err.flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** From the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Tilestream.class.getPackage().getImplementationVersion();
      return new String[] {"tilestream " + (version == null ? "(not packaged)" : version)};
    }
  }
}
