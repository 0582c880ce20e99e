package dev.tilestream.api;

/** An output that a request asks for, and in which form. */
record WantedOutput(String name, boolean binary) {}
