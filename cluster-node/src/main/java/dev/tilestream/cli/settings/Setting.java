package dev.tilestream.cli.settings;

/**
 * One setting.
 *
 * @param path from the root, such as {@code tilestream.api.port}
 * @param value its default, as it would be written
 * @param meaning what the file says above it; perhaps of several settings at once
 */
public record Setting(String path, String value, String meaning) {}
