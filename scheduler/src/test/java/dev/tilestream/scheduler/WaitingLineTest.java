package dev.tilestream.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests are named after their stream, with a number. */
class WaitingLineTest {
  private final WaitingLine<String> line = new WaitingLine<>(100);

  private boolean offer(String request) {
    return line.offer(stream(request), request);
  }

  private static String stream(String request) {
    return request.substring(0, 1);
  }

  private String begin() {
    String next = line.poll();
    if (next != null) line.begun(stream(next));
    return next;
  }

  @Test
  void ofOneStreamTheFirstToComeIsTheFirstToBegin() {
    for (int i = 0; i < 5; i++) offer("a" + i);
    for (int i = 0; i < 5; i++) assertThat(begin()).isEqualTo("a" + i);
    assertThat(begin()).isNull();
  }

  @Test
  void aStreamThatFloodsDoesNotKeepAnotherWaiting() {
    for (int i = 0; i < 16; i++) line.begun("a");
    for (int i = 0; i < 40; i++) offer("a" + i);
    offer("b0");
    assertThat(line.ahead("b")).as("its own, and as many of the other").isEqualTo(3);
    line.ended("a");
    assertThat(begin()).isEqualTo("b0");
    assertThat(begin()).isEqualTo("a0");
  }

  @Test
  void streamsThatAllWaitHaveAlikeUnderWayWhateverEachHasAsked() {
    for (int i = 0; i < 30; i++) offer("a" + i);
    for (int i = 0; i < 6; i++) offer("b" + i);
    for (int i = 0; i < 6; i++) offer("c" + i);
    List<String> first = new ArrayList<>();
    for (int i = 0; i < 12; i++) first.add(begin());
    for (String stream : List.of("a", "b", "c")) assertThat(first.stream().filter(r -> stream(r).equals(stream))).hasSize(4);
  }

  @Test
  void placesGoRoundWhereOneIsUnderWayAtATime() {
    for (int i = 0; i < 3; i++) for (String stream : List.of("a", "b", "c")) offer(stream + i);
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      order.add(begin());
      line.ended(stream(order.get(i)));
    }
    for (int round = 0; round < 3; round++)
      assertThat(order.subList(3 * round, 3 * round + 3).stream().map(WaitingLineTest::stream)).containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void itIsBoundedAndOneStreamLeavesRoomForOthers() {
    int taken = 0;
    while (offer("a" + taken)) taken++;
    assertThat(taken).isEqualTo(50);
    while (offer("b" + taken)) taken++;
    assertThat(line.waiting("b")).isEqualTo(25);
    assertThat(offer("c0")).isTrue();
    for (char stream = 'd'; stream < 'z'; stream++) while (offer(stream + "0")) taken++;
    assertThat(line.size()).isLessThanOrEqualTo(100);
  }

  @Test
  void whatIsTakenOutIsNotBegunAndItsPlaceIsFree() {
    for (int i = 0; i < 10; i++) offer("a" + i);
    assertThat(line.remove(r -> r.compareTo("a3") < 0)).containsExactly("a0", "a1", "a2");
    assertThat(line.size()).isEqualTo(7);
    assertThat(begin()).isEqualTo("a3");
  }
}
