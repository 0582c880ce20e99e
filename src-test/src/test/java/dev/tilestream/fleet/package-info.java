/** The program as users start it: processes, signals, exit status. */
package dev.tilestream.fleet;
