package dev.tilestream.bench.link;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilestream.cli.TextTable;
import java.util.List;

/**
 * One kind of tensor of one size, from its link to the other end's hands and the word of it back.
 *
 * @param packingSeconds median, where the link packs when it thinks that pays
 * @param rawSeconds median, where it never does
 */
record PackingResult(String rate, String kind, int kib, double packingSeconds, double rawSeconds) {
  static final int[] SIZES_KIB = {64, 512};
  static final int WARM_UPS = 8;

  double ratio() {
    return packingSeconds / rawSeconds;
  }

  static String table(List<PackingResult> results) {
    TextTable table = new TextTable("rate", "tensor", "KiB", "packing ms", "raw ms", "ratio");
    for (PackingResult r : results)
      table.row(
          r.rate, r.kind, "" + r.kib, LinkResult.number(r.packingSeconds * 1e3, 2), LinkResult.number(r.rawSeconds * 1e3, 2),
          LinkResult.number(r.ratio(), 3));
    return table.toString();
  }

  static String json(List<PackingResult> results) {
    ObjectNode root = new ObjectMapper().createObjectNode();
    var rows = root.putArray("results");
    for (PackingResult r : results)
      rows.addObject().put("rate", r.rate).put("tensor", r.kind).put("kib", r.kib).put("packingMs", r.packingSeconds * 1e3)
          .put("rawMs", r.rawSeconds * 1e3).put("ratio", r.ratio());
    return root + "\n";
  }
}
