package dev.tilestream.cli.simulate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small log: a picture of 64 x 64 through three convolutions, 10 ms each on the robot and 0.5 ms on the server, and a sum of it all. */
public final class TinyProfile {
  private static final String START = """
      {"id":0,"op":"_start","inputs":[],"data_inputs":[],"shapes":[[1,3,64,64]],"kind":"local","row_axis":2,"robot_ms":0,"server_ms":0}""";
  private static final String CONVOLUTION = """
      {"id":%1$d,"op":"conv2d","inputs":[%2$d],"data_inputs":[%2$d],"shapes":[[1,8,64,64]],"kind":"local","row_axis":2,"kernel":[3,3],
       "padding":[1,1],"robot_ms":10,"server_ms":0.5}""";
  private static final String TAIL = """
      {"id":4,"op":"linear","inputs":[3],"data_inputs":[3],"shapes":[[1,10]],"kind":"global","robot_ms":1,"server_ms":0.1},
      {"id":5,"op":"_end","inputs":[4],"data_inputs":[4],"shapes":[[1,10]],"kind":"global","robot_ms":0,"server_ms":0}""";

  private TinyProfile() {}

  public static String json() {
    return """
        {"model":"tiny","source":"test","robot_forward_ms":31,"server_forward_ms":1.6,"input_bytes":%d,"output_bytes":%d,
         "ops":[%s,%s,%s,%s,%s]}
        """.formatted(3 * 64 * 64 * 4 + 300, 10 * 4 + 10, START, CONVOLUTION.formatted(1, 0), CONVOLUTION.formatted(2, 1),
        CONVOLUTION.formatted(3, 2), TAIL);
  }

  /** A directory as {@code --data} wants it: the log, one without geometry, a trace, and what was published. */
  public static Path measurements(Path directory) throws IOException {
    write(directory, "profiles/Tiny_Net@lopinfer.json", json());
    write(directory, "profiles/plain@hp.json", json().replace("\"kind\":\"local\",", ""));
    write(directory, "bandwidth/indoors.csv", "t_s,mbit_s\n0,80\n1,8\n3,40\n");
    write(directory, "published.csv", """
        artifact,environment,model,local_ms,offload_ms,spso_ga_ms,dsccs_ms,published_ms,local_J,offload_J,spso_ga_J,dsccs_J,published_J
        lopinfer,indoors,tiny,31.5,12,11,10,9,0.31,0.06,0.05,0.07,0.08
        """);
    return directory;
  }

  private static void write(Path directory, String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
