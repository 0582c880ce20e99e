package dev.tilestream.graph.rules;

import dev.tilestream.graph.RowMap;
import java.util.Arrays;
import java.util.List;

/** What a rule says of an operator whose inputs are split along given axes. */
public sealed interface Verdict {
  /**
   * @param maps one per input
   * @param inputAxes the axis that each map counts rows along; -1 where the input is held whole
   * @param outputAxes the axis along which each output comes out split
   */
  record Local(List<RowMap> maps, int[] inputAxes, int[] outputAxes) implements Verdict {
    public Local {
      maps = List.copyOf(maps);
    }
  }

  /** It can't be cut along these axes. */
  record Global(String why) implements Verdict {}

  static Verdict global(String format, Object... arguments) {
    return new Global(arguments.length == 0 ? format : format.formatted(arguments));
  }

  /** Every input held whole and every output split along {@code outputAxis}, to be refined by {@link Draft#cut}. */
  static Draft along(Site site, int outputAxis) {
    return new Draft(site, outputAxis);
  }

  /** A local verdict under construction. */
  final class Draft {
    private final RowMap[] maps;
    private final int[] inputAxes;
    private final int[] outputAxes;

    private Draft(Site site, int outputAxis) {
      maps = new RowMap[site.inputs().size()];
      inputAxes = new int[maps.length];
      outputAxes = new int[site.outputs().size()];
      Arrays.fill(maps, new RowMap.None());
      Arrays.fill(inputAxes, -1);
      Arrays.fill(outputAxes, outputAxis);
    }

    /** Input {@code i} is cut along {@code axis} by {@code map}. */
    public Draft cut(int i, int axis, RowMap map) {
      maps[i] = map;
      inputAxes[i] = axis;
      return this;
    }

    public Verdict local() {
      return new Local(List.of(maps), inputAxes, outputAxes);
    }
  }
}
