/** {@code tilestream settings}: every setting, its default and its meaning, from the files that the program itself reads. */
package dev.tilestream.cli.settings;
