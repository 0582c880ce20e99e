package dev.tilestream.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A fleet that had faults for minutes.
 *
 * @param rows over time: the first at rest before the faults, the last at rest behind them, the others under load
 * @param faults how many of each kind
 */
record SoakResult(String ground, List<Row> rows, Map<String, Integer> faults) {
  /** Code being compiled, arenas filling up: what a warm process may still grow by. */
  private static final long ROOM_BYTES = 96L << 20;

  /**
   * One moment.
   *
   * @param requests answered or failed until then
   * @param nodes by name, the source first; those that did not answer are left out
   */
  record Row(double second, int requests, int lost, int wrong, int faults, Map<String, Memory> nodes) {
    Row {
      nodes = new LinkedHashMap<>(nodes);
    }
  }

  /**
   * @param pid a node that was started again is another process
   * @param nativeBytes that tensors hold
   */
  record Memory(long pid, long residentBytes, long nativeBytes) {}

  SoakResult {
    rows = List.copyOf(rows);
    faults = new LinkedHashMap<>(faults);
  }

  private Row first() {
    return rows.get(0);
  }

  private Row last() {
    return rows.get(rows.size() - 1);
  }

  /** No request lost or wrong, no native memory kept by anybody, and no process grown. */
  boolean good() {
    return last().lost == 0 && last().wrong == 0 && last().nodes.keySet().equals(first().nodes.keySet()) && complaints().isEmpty();
  }

  /** What memory is not as it was. */
  private List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    last().nodes.forEach((name, now) -> {
      Memory before = first().nodes.get(name);
      if (before == null) return;
      if (now.nativeBytes != before.nativeBytes)
        complaints.add("%s: tensors hold %d bytes at rest, %d before".formatted(name, now.nativeBytes, before.nativeBytes));
      if (now.pid == before.pid && now.residentBytes - before.residentBytes > ROOM_BYTES)
        complaints.add("%s: resident %d MB at rest, %d before".formatted(name, now.residentBytes >> 20, before.residentBytes >> 20));
    });
    for (String name : first().nodes.keySet()) if (!last().nodes.containsKey(name)) complaints.add(name + " does not answer at the end");
    return complaints;
  }

  String table() {
    List<String> headings = new ArrayList<>(List.of("second", "faults", "requests", "lost", "wrong"));
    first().nodes.keySet().forEach(name -> headings.addAll(List.of(name + " MB", "native kB")));
    TextTable table = new TextTable(headings.toArray(String[]::new));
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(
          FaultReport.number(0, row.second), "" + row.faults, "" + row.requests, "" + row.lost, "" + row.wrong));
      for (String name : first().nodes.keySet()) {
        Memory memory = row.nodes.get(name);
        cells.add(memory == null ? "-" : "" + (memory.residentBytes >> 20));
        cells.add(memory == null ? "-" : FaultReport.number(1, memory.nativeBytes / 1024.0));
      }
      table.row(cells.toArray(String[]::new));
    }
    String verdict = complaints().isEmpty() ? "At rest memory is what it was." : String.join("; ", complaints()) + ".";
    return table + "\nOn %s: %s. Native: what tensors hold. The first and the last line are at rest. %s\n".formatted(ground, faults, verdict);
  }

  String json() {
    ObjectNode root = new ObjectMapper().createObjectNode().put("ground", ground).put("good", good());
    ObjectNode kinds = root.putObject("faults");
    faults.forEach(kinds::put);
    complaints().forEach(root.putArray("complaints")::add);
    var all = root.putArray("rows");
    for (Row row : rows) {
      ObjectNode entry = all.addObject().put("second", row.second).put("faults", row.faults).put("requests", row.requests);
      entry.put("lost", row.lost).put("wrong", row.wrong);
      ObjectNode nodes = entry.putObject("nodes");
      row.nodes.forEach((name, memory) ->
          nodes.putObject(name).put("pid", memory.pid).put("residentBytes", memory.residentBytes).put("nativeBytes", memory.nativeBytes));
    }
    return root + "\n";
  }
}
