/**
 * Experiments on measured devices and links: what {@code simulate} and {@code replay} are asked for, and how both tell what they found.
 */
package dev.tilestream.cli.experiment;
