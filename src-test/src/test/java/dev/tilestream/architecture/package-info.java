/** Holds the arrows between modules, the purity of the core, and who owns which configuration file. */
package dev.tilestream.architecture;
