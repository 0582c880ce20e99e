/** JMH benchmarks of the parts whose cost must vanish beside a kernel. Each has a {@code main}; run them on an otherwise idle machine. */
package dev.tilestream.bench;
