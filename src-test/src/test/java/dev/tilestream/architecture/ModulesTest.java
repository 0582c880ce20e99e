package dev.tilestream.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ModulesTest {
  /** What each module may see of ours, besides itself. */
  private static final Map<String, Set<String>> MAY_SEE = Map.of(
      "tensor-serde", Set.of(),
      "operator-actors", Set.of("tensor-serde"),
      "scheduler", Set.of("operator-actors", "tensor-serde"),
      "dashboards", Set.of(),
      "cluster-node", Set.of("dashboards", "scheduler", "operator-actors", "tensor-serde"));

  /** Planning, simulation, halo arithmetic and the codec. */
  private static final String[] PURE = {
    "dev.tilestream.tensor", "dev.tilestream.graph..", "dev.tilestream.plan..", "dev.tilestream.scheduler.plan..",
    "dev.tilestream.scheduler.profile..", "dev.tilestream.scheduler.simulate..", "dev.tilestream.scheduler.logged.."
  };

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes = new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.tilestream");
  }

  /** The top-level folder that a class was compiled in, by where its class file or jar lies. */
  private static String module(JavaClass type) {
    String source = type.getSource().map(s -> s.getUri().toString()).orElse("");
    return MAY_SEE.keySet().stream().filter(m -> source.contains("/" + m + "/target/") || source.contains("/" + m + "-")).findFirst().orElse("src-test");
  }

  @Test
  void modulesSeeOnlyWhatTheDesignAllows() {
    Set<String> forbidden = new TreeSet<>();
    Map<String, Integer> seen = new TreeMap<>();
    for (JavaClass type : classes) {
      String from = module(type);
      seen.merge(from, 1, Integer::sum);
      if (from.equals("src-test")) continue;
      type.getDirectDependenciesFromSelf().forEach(d -> {
        JavaClass target = d.getTargetClass().getBaseComponentType();
        if (!target.getPackageName().startsWith("dev.tilestream")) return;
        String to = module(target);
        if (!to.equals(from) && !MAY_SEE.get(from).contains(to)) forbidden.add(from + " -> " + to + ": " + d.getDescription());
      });
    }
    assertThat(seen).containsKeys("tensor-serde", "operator-actors", "scheduler", "cluster-node", "src-test");
    assertThat(forbidden).isEmpty();
  }

  @Test
  void thePureCoreImportsNeitherAkkaNorNd4j() {
    noClasses()
        .that(resideInAnyPackage(PURE))
        .should()
        .dependOnClassesThat(resideInAnyPackage("akka..", "org.nd4j..", "org.bytedeco..").and(not(resideInAnyPackage("org.nd4j.shade.protobuf.."))))
        .check(classes);
  }

  @Test
  void thePureCoreHasNoClockAndNoRandomnessOfItsOwn() {
    noClasses()
        .that(resideInAnyPackage("dev.tilestream.graph", "dev.tilestream.plan..", "dev.tilestream.scheduler.plan..", "dev.tilestream.scheduler.simulate.."))
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
        .check(classes);
  }

  @Test
  void packagesDependOnEachOtherWithoutCycles() {
    slices().matching("dev.tilestream.(*)..").should().beFreeOfCycles().check(classes);
    // The commands and what they are made of share small types both ways; everything that serves must not.
    JavaClasses serving = classes.that(not(resideInAnyPackage("dev.tilestream.cli..")));
    slices().matching("dev.tilestream.(**)").should().beFreeOfCycles().check(serving);
  }

  @Test
  void javaSerializationAndStandardOutputStayOutOfTheActors() {
    noClasses()
        .that(resideInAnyPackage("dev.tilestream.tile..", "dev.tilestream.scheduler..", "dev.tilestream.tensor.."))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(classes);
  }

  @Test
  void everyModuleOwnsItsReferenceConfAndOnlyClusterNodeAnApplicationConf() throws IOException {
    assertThat(modulesWith("application.conf")).containsExactly("cluster-node");
    assertThat(modulesWith("reference.conf")).contains("tensor-serde", "operator-actors", "scheduler", "cluster-node");
  }

  private static Set<String> modulesWith(String resource) throws IOException {
    Map<String, String> where = new LinkedHashMap<>();
    List<URL> found = Collections.list(ModulesTest.class.getClassLoader().getResources(resource));
    for (URL url : found)
      for (String m : MAY_SEE.keySet()) if (url.toString().contains("/" + m + "/target/") || url.toString().contains("/" + m + "-")) where.put(m, url.toString());
    return new TreeSet<>(where.keySet());
  }
}
