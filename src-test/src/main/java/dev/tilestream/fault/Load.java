package dev.tilestream.fault;

import dev.tilestream.client.NodeClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** So many clients that ask one node, each one request after the other, until it is closed. */
public final class Load implements AutoCloseable {
  private static final long POLL_MILLIS = 250;

  private final Questions questions;
  private final NodeClient node;
  private final List<String> strategies;
  private final AtomicInteger number = new AtomicInteger();
  private final List<Asked> asked = new ArrayList<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean closed;

  private Load(Questions questions, NodeClient node, List<String> strategies) {
    this.questions = questions;
    this.node = node;
    this.strategies = List.copyOf(strategies);
  }

  /** @param strategies that take turns */
  public static Load start(Questions questions, NodeClient node, List<String> strategies, int clients) {
    Load load = new Load(questions, node, strategies);
    for (int i = 0; i < clients; i++) {
      Thread client = new Thread(load::run, "client-" + i);
      client.setDaemon(true);
      load.clients.add(client);
      client.start();
    }
    return load;
  }

  private void run() {
    try {
      while (!closed) {
        int turn = number.getAndIncrement();
        Asked one = questions.ask(node, turn, strategies.get(turn % strategies.size()));
        synchronized (asked) {
          asked.add(one);
        }
        // A node that refuses at once would be asked as fast as this machine can.
        if (one.outcome() == Asked.Outcome.LOST) Thread.sleep(100);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Those that have ended until now, about in the order of their ends. */
  public List<Asked> asked() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  /** Waits until requests by every strategy have been answered and the node has made the plans for them; false when it has not in time. */
  public boolean awaitPlans(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (asked().size() < 2 * strategies.size() * clients.size() || !node.settled(questions.model())) {
      if (System.nanoTime() - end > 0) return false;
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  /** Whether a part of an answer that came between was computed there. */
  boolean used(String device, long fromNanos, long toNanos) {
    synchronized (asked) {
      for (int i = asked.size() - 1; i >= 0 && asked.get(i).toNanos() - fromNanos >= 0; i--)
        if (asked.get(i).toNanos() - toNanos <= 0 && asked.get(i).devices().contains(device)) return true;
    }
    return false;
  }

  /** Waits for the requests that are under way. */
  @Override
  public void close() {
    closed = true;
    try {
      for (Thread client : clients) client.join();
    } catch (InterruptedException e) {
      clients.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }
}
